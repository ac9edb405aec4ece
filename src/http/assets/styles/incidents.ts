export const incidents = ``
