import { type Family, families, judgeWitnesses, witnessDetail } from './uplink.js'
import { createInquiry, noWitnesses, type Witnesses } from './uplink-witnesses.js'

export interface UplinkStateOptions {
  /** A family is seen to be up for the first time, or changed; null where nobody needs it any more. */
  onChange(family: Family, up: boolean | null, detail: string): void
  /** Absent: the trackers themselves tell. */
  readonly witnesses?: Witnesses
  /** The shortest time between two questions to the witnesses of a family, ms. */
  readonly askEveryMs?: number
}

/** What is known of our own way to each family, whoever told it. */
export interface UplinkState {
  /** The families that are down, with the reason. */
  readonly lost: ReadonlyMap<Family, string>
  lose(family: Family, detail: string): void
  find(family: Family, detail: string): void
  /** The families over which trackers are checked, all until it is called. Of others nothing is known, nor told. */
  use(families: readonly Family[]): void
  /** Then they alone tell. */
  hasWitnesses(family: Family): boolean
  /** Has the witnesses tell about the time after the call. See `Inquiry`. */
  inquire(family: Family): Promise<boolean>
  /** Whether it is known to be up, as far as that can be known between two questions. */
  isKnownUp(family: Family): boolean
  /** Asks no more. */
  stop(): void
}

const ASK_EVERY_MS = 5_000

export function createUplinkState(options: UplinkStateOptions): UplinkState {
  const { onChange, witnesses = noWitnesses, askEveryMs = ASK_EVERY_MS } = options
  const stopped = new AbortController()
  const lost = new Map<Family, string>()
  const seen = new Set<Family>()
  let used = families

  const lose = (family: Family, detail: string): void => {
    if (!used.includes(family)) return
    const isChange = !lost.has(family)
    seen.add(family)
    lost.set(family, detail)
    if (isChange) onChange(family, false, detail)
  }
  const find = (family: Family, detail: string): void => {
    if (!used.includes(family)) return
    const isChange = lost.delete(family) || !seen.has(family)
    seen.add(family)
    if (isChange) onChange(family, true, detail)
  }
  const use = (wanted: readonly Family[]): void => {
    used = wanted
    for (const family of families.filter((one) => !used.includes(one))) {
      lost.delete(family)
      if (seen.delete(family)) onChange(family, null, `no tracker is checked over IPv${family} any more`)
    }
  }
  const ask = async (family: Family): Promise<void> => {
    const asked = witnesses.count(family)
    const counts = { asked, answered: await witnesses.ask(family, stopped.signal) }
    const tell = judgeWitnesses(counts) === 'down' ? lose : find
    tell(family, witnessDetail(family, counts))
  }
  const inquiryOf = (family: Family) => createInquiry(() => ask(family), askEveryMs, stopped.signal)
  const inquiries = { 4: inquiryOf(4), 6: inquiryOf(6) }

  return {
    lost,
    lose,
    find,
    use,
    hasWitnesses: (family) => used.includes(family) && witnesses.count(family) > 0,
    inquire: (family) => inquiries[family](),
    isKnownUp: (family) => seen.has(family) && !lost.has(family),
    stop: () => stopped.abort(),
  }
}
