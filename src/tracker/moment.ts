const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:T(?:[01]\d|2[0-3]):\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

/** ISO 8601: a date (UTC), or a moment with its zone. Null for other text, and for a day that its month does not have. */
export function parseMoment(text: string): Date | null {
  const day = MOMENT.exec(text)?.[1]
  const at = new Date(text)
  if (day === undefined || Number.isNaN(at.getTime())) return null
  // `Date` makes a day of the next month of 2026-02-30.
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) ? at : null
}
