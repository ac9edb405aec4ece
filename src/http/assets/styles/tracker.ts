export const tracker = ``
