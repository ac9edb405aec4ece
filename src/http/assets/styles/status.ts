export const status = ``
