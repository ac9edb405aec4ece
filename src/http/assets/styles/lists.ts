export const lists = ``
