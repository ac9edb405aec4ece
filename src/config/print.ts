import { stringify } from 'yaml'
import { maskUrl } from '../tracker/mask.js'
import type { Settings } from './schema.js'

/** The effective settings, defaults included, as YAML with passwords and passkeys masked: fit to be shown to others. */
export function printConfig(settings: Settings): string {
  return stringify(maskConfig(settings), { lineWidth: 0 })
}

/** Settings without secrets. */
export function maskConfig(settings: Settings): Settings {
  return {
    ...settings,
    store: maskUrl(settings.store),
    groups: settings.groups.map((group) => ({
      ...group,
      trackers: group.trackers.map(maskUrl),
      sources: group.sources.map((source) => ({ ...source, url: maskUrl(source.url) })),
    })),
  }
}
