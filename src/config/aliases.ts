import { maskUrl } from '../tracker/mask.js'
import { parseTracker } from '../tracker/tracker.js'

/** The old URLs of trackers, by the URL of today, as they are written. */
export type Aliases = Readonly<Record<string, readonly string[]>>

export interface AliasFindings {
  readonly problems: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]
  readonly warnings: readonly string[]
}

/** The same with canonical URLs; what is no announce URL is left out, for the schema has told it. */
export function canonicalAliases(aliases: Aliases): Aliases {
  const canonical = Object.entries(aliases).flatMap(([url, olds]) => {
    const key = canonicalUrl(url)
    return key === null ? [] : [[key, olds.flatMap((old) => canonicalUrl(old) ?? [])] as const]
  })
  return Object.fromEntries(canonical)
}

/**
 * What is wrong with the aliases of all groups, given the group of each tracker that is watched. A URL that is watched
 * has a history of its own; one that is an alias twice, or has aliases itself, leaves open whose its history is.
 */
export function checkAliases(
  groups: readonly { readonly aliases: Aliases; readonly sources: readonly unknown[] }[],
  groupOf: ReadonlyMap<string, string>,
): AliasFindings {
  const problems: { path: readonly PropertyKey[]; message: string }[] = []
  const warnings: string[] = []
  const keys = new Map<string, readonly PropertyKey[]>()
  const ownerOf = new Map<string, string>()
  const hasSources = groups.some(({ sources }) => sources.length > 0)
  for (const { url, path, olds } of groups.flatMap(({ aliases }, index) => entriesOf(aliases, index))) {
    if (keys.has(url)) problems.push({ path, message: 'has aliases in another place already' })
    else if (!groupOf.has(url) && !hasSources) warnings.push(`aliases: ${maskUrl(url)} is in no group`)
    keys.set(url, path)
    for (const [index, old] of olds.entries()) {
      const message = aliasProblem(old, url, ownerOf, groupOf)
      if (message !== null) problems.push({ path: [...path, index], message })
      if (old !== null && old !== url && !ownerOf.has(old)) ownerOf.set(old, url)
    }
  }
  for (const [url, path] of keys) {
    const owner = ownerOf.get(url)
    if (owner === undefined || groupOf.has(url)) continue
    problems.push({ path, message: `is an alias of ${maskUrl(owner)}, expected its aliases there` })
  }
  return { problems, warnings }
}

function aliasProblem(
  old: string | null,
  url: string,
  ownerOf: ReadonlyMap<string, string>,
  groupOf: ReadonlyMap<string, string>,
): string | null {
  if (old === null) return null
  if (old === url) return 'is the URL of the tracker itself, expected one that it had before'
  const group = groupOf.get(old)
  if (group !== undefined) return `${maskUrl(old)} is watched, in group "${group}", expected a URL that is no longer`
  const owner = ownerOf.get(old)
  return owner === undefined ? null : `${maskUrl(old)} is an alias of ${maskUrl(owner)} already`
}

/** `null` where a URL is none. */
function entriesOf(aliases: Aliases, group: number) {
  return Object.entries(aliases).flatMap(([written, olds]) => {
    const url = canonicalUrl(written)
    return url === null ? [] : [{ url, path: ['groups', group, 'aliases', written], olds: olds.map(canonicalUrl) }]
  })
}

function canonicalUrl(text: string): string | null {
  return parseTracker(text).tracker?.url ?? null
}
