import { maskUrl } from '../tracker/mask.js'
import type { Config } from './config.js'
import type { Settings } from './schema.js'

/** Groups that there are not: a pause of those would pause nobody. */
export function pauseProblems({ pauses, groups, submissions }: Settings): readonly {
  readonly path: readonly PropertyKey[]
  readonly message: string
}[] {
  const known = [...groups.map(({ name }) => name), submissions.group]
  const named = pauses.flatMap(({ groups: names = [] }, index) =>
    names.map((name, place) => ({ name, path: ['pauses', index, 'groups', place] })),
  )
  return named
    .filter(({ name }) => !known.includes(name))
    .map(({ name, path }) => ({ path, message: `"${name}", expected one of ${known.join(', ')}` }))
}

/** A URL with a slip in it pauses nobody. What lists on the web and visitors name is not known here. */
export function pauseWarnings({ pauses, groups, submissions }: Config): string[] {
  if (groups.some(({ sources }) => sources.length > 0) || submissions.mode !== 'off') return []
  const watched = new Set(groups.flatMap(({ trackers }) => trackers.map(({ url }) => url)))
  return pauses
    .flatMap(({ trackers }) => trackers)
    .filter((url) => !watched.has(url))
    .map((url) => `pauses: ${maskUrl(url)} is in no group`)
}
