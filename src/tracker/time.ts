/** Hours and days as they are counted: UTC, so that each is as long as the other. */
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000
export const HOURS_PER_DAY = 24
