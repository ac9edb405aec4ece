/** Value of the sample in Prometheus' text whose name and labels read exactly so; null where there is none. */
export function sample(page: string, nameAndLabels: string): number | null {
  const line = page.split('\n').find((text) => text.startsWith(`${nameAndLabels} `))
  return line === undefined ? null : Number(line.slice(nameAndLabels.length + 1))
}

/** The status that the metrics page gives a tracker; null where it is not watched. */
export function statusOf(page: string, url: string): string | null {
  const one = page
    .split('\n')
    .find((line) => /^trackerwatch_tracker_status\{.* 1$/.test(line) && line.includes(`"${url}"`))
  return one?.match(/status="(\w+)"/)?.[1] ?? null
}
