/**
 * Tells a name that nobody can resolve from name servers of ours that answer nothing at all. Any answer is a sign of
 * life, "no such name" included. Where there is doubt and none has come lately, they are asked a question that each of
 * them can answer. So a name server that knows nothing but the names of our trackers is alive by those.
 */
export interface ResolverHealth {
  /** A question has been answered. */
  answered(): void
  /** A question is not being answered. Resolves when it is known whether others are; does not reject. */
  doubt(): Promise<void>
  /** Whether nothing at all was answered that was asked at `askedMs` (`performance.now()`), a little before or since. */
  isDead(askedMs: number): boolean
}

export interface ResolverHealthOptions {
  /** Asks what every name server can answer; rejects where none does. */
  readonly askControl: () => Promise<unknown>
  /** They are seen to work, or not to work, for the first time, or that has changed. */
  readonly onChange: (up: boolean) => void
}

/** An answer this old, ms, still says that name servers work. */
const RECENT_MS = 1000

export function createResolverHealth({ askControl, onChange }: ResolverHealthOptions): ResolverHealth {
  let answeredMs = Number.NEGATIVE_INFINITY
  let controlling: Promise<void> | undefined
  let wasUp: boolean | undefined
  const tell = (up: boolean): void => {
    if (wasUp === up) return
    wasUp = up
    onChange(up)
  }
  const answered = (): void => {
    answeredMs = performance.now()
    tell(true)
  }
  const control = async (): Promise<void> => {
    try {
      await askControl()
      answered()
    } catch {
      // Nobody answers this one either: `isDead` tells whoever asks.
    }
    controlling = undefined
  }
  return {
    answered,
    doubt: async () => {
      if (performance.now() - answeredMs <= RECENT_MS) return
      controlling ??= control()
      await controlling
    },
    isDead: (askedMs) => {
      const dead = answeredMs < askedMs - RECENT_MS
      if (dead) tell(false)
      return dead
    },
  }
}
