const DAY_MS = 86_400_000

/** Where the bar of a day leads, as the links of the table below it do; null for a bar that is no day. */
export function hrefOfDay(row: SVGSVGElement, place: number): string | null {
  const days = row.closest<HTMLElement>('[data-days-from]')
  const { daysFrom, daysHref } = days?.dataset ?? {}
  if (daysFrom === undefined || daysHref === undefined) return null
  return daysHref + new Date(Date.parse(daysFrom) + place * DAY_MS).toISOString().slice(0, 10)
}
