import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'

/** Addresses that the machine's own hosts file gives a name, by family. c-ares does not read it for A and AAAA. */
export interface HostsFile {
  /** Null where the file does not name the host; otherwise the addresses of that family, possibly none. */
  lookup(host: string, family: 4 | 6): readonly string[] | null
}

const RECHECK_MS = 10_000

/** Reads `file` now and again when it has changed. A missing file is an empty one; one that cannot be read is what it was before. */
export function openHostsFile(file = '/etc/hosts', now: () => number = Date.now): HostsFile {
  let entries = new Map<string, readonly string[]>()
  let modifiedMs = Number.NaN
  let checkedMs = Number.NEGATIVE_INFINITY
  const refresh = (): void => {
    if (now() - checkedMs < RECHECK_MS) return
    checkedMs = now()
    try {
      const mtimeMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
      if (mtimeMs === modifiedMs) return
      entries = mtimeMs === 0 ? new Map() : parseHosts(readFileSync(file, 'utf8'))
      modifiedMs = mtimeMs
    } catch {
      // Forbidden, gone since, or no descriptor left: what was read before stands, and the next look tries again.
    }
  }
  return {
    lookup: (host, family) => {
      refresh()
      const addresses = host === 'localhost' || host.endsWith('.localhost') ? ['127.0.0.1', '::1'] : entries.get(host)
      return addresses?.filter((address) => isIP(address) === family) ?? null
    },
  }
}

function parseHosts(text: string): Map<string, readonly string[]> {
  const entries = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address, ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/)
    if (address === undefined || isIP(address) === 0) continue
    for (const name of names) {
      const known = entries.get(name.toLowerCase())
      if (known === undefined) entries.set(name.toLowerCase(), [address])
      else known.push(address)
    }
  }
  return entries
}
