import { stringify } from 'yaml'
import { maskUrl } from '../tracker/mask.js'
import type { Settings } from './schema.js'

const MASK = '***'
/** Long enough to be taken for a token when it is read again. */
const TOKEN_MASK = '*'.repeat(16)

/** The effective settings, defaults included, as YAML with passwords and passkeys masked: fit to be shown to others. */
export function printConfig(settings: Settings): string {
  return stringify(maskConfig(settings), { lineWidth: 0 })
}

/** Settings without secrets. Of headers only the names are shown: which of them hold a secret, only the tracker knows. */
function maskConfig(settings: Settings): Settings {
  return {
    ...settings,
    store: maskUrl(settings.store),
    token: maskToken(settings.token),
    submissions: { ...settings.submissions, token: maskToken(settings.submissions.token) },
    probe: { ...settings.probe, headers: maskHeaders(settings.probe.headers) },
    probe_endpoint: maskEndpoint(settings.probe_endpoint),
    pauses: settings.pauses.map(maskPause),
    groups: settings.groups.map((group) => ({
      ...group,
      ...(group.headers === undefined ? {} : { headers: maskHeaders(group.headers) }),
      trackers: group.trackers.map(maskUrl),
      sources: group.sources.map((source) => ({ ...source, url: maskUrl(source.url) })),
      aliases: maskAliases(group.aliases),
    })),
  }
}

function maskToken(token: string): string {
  return token === '' ? '' : TOKEN_MASK
}

/** Two that differ in nothing but their secrets are shown as one. */
function maskAliases(aliases: Settings['groups'][number]['aliases']): Settings['groups'][number]['aliases'] {
  return Object.fromEntries(Object.entries(aliases).map(([url, olds]) => [maskUrl(url), olds.map(maskUrl)]))
}

function maskPause(pause: Settings['pauses'][number]): Settings['pauses'][number] {
  return pause.trackers === undefined ? pause : { ...pause, trackers: pause.trackers.map(maskUrl) }
}

/** A path in a pattern may be that of a passkey. */
function maskEndpoint(endpoint: Settings['probe_endpoint']): Settings['probe_endpoint'] {
  const { targets, modules } = endpoint
  const masked = Object.entries(modules).map(([name, module]) => [
    name,
    module.headers === undefined ? module : { ...module, headers: maskHeaders(module.headers) },
  ])
  return {
    ...endpoint,
    targets: Array.isArray(targets) ? targets.map(maskUrl) : targets,
    modules: Object.fromEntries(masked),
  }
}

function maskHeaders(headers: Settings['probe']['headers']): Settings['probe']['headers'] {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, MASK]))
}
