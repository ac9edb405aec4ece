import { stringify } from 'yaml'
import { maskUrl } from '../tracker/mask.js'
import type { Settings } from './schema.js'

const MASK = '***'

/** The effective settings, defaults included, as YAML with passwords and passkeys masked: fit to be shown to others. */
export function printConfig(settings: Settings): string {
  return stringify(maskConfig(settings), { lineWidth: 0 })
}

/** Settings without secrets. Of headers only the names are shown: which of them hold a secret, only the tracker knows. */
export function maskConfig(settings: Settings): Settings {
  return {
    ...settings,
    store: maskUrl(settings.store),
    probe: { ...settings.probe, headers: maskHeaders(settings.probe.headers) },
    groups: settings.groups.map((group) => ({
      ...group,
      ...(group.headers === undefined ? {} : { headers: maskHeaders(group.headers) }),
      trackers: group.trackers.map(maskUrl),
      sources: group.sources.map((source) => ({ ...source, url: maskUrl(source.url) })),
      aliases: maskAliases(group.aliases),
    })),
  }
}

/** Two that differ in nothing but their secrets are shown as one. */
function maskAliases(aliases: Settings['groups'][number]['aliases']): Settings['groups'][number]['aliases'] {
  return Object.fromEntries(Object.entries(aliases).map(([url, olds]) => [maskUrl(url), olds.map(maskUrl)]))
}

function maskHeaders(headers: Settings['probe']['headers']): Settings['probe']['headers'] {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, MASK]))
}
