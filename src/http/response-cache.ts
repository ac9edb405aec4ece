/** An answer in full, ready to be sent again. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer
}

/**
 * Answers for a moment: what many ask for at once is made once. Bounded in number and bytes, the oldest go first. Only
 * what was answered well is kept.
 */
export interface ResponseCache {
  /** The answer that is fresh, if there is one. */
  fresh(key: string): Answer | undefined
  /** Has it made; whoever asks for the same meanwhile gets the same. */
  make(key: string, answer: () => Promise<Answer>): Promise<Answer>
  /** Something has changed: nothing that was made, or begun, before this call is given to whoever asks after it. */
  clear(): void
}

interface CacheOptions {
  readonly now?: () => number
  /** How long an answer is fresh, ms. */
  readonly freshMs?: number
  readonly maxEntries?: number
  readonly maxBytes?: number
}

interface Kept {
  readonly answer: Answer
  readonly untilMs: number
}

export function createResponseCache(options: CacheOptions = {}): ResponseCache {
  const { now = () => performance.now(), freshMs = 1000, maxEntries = 500, maxBytes = 64 * 1024 * 1024 } = options
  const kept = new Map<string, Kept>()
  const underWay = new Map<string, Promise<Answer>>()
  let bytes = 0

  const drop = (key: string): void => {
    bytes -= kept.get(key)?.answer.body.length ?? 0
    kept.delete(key)
  }
  const keep = (key: string, answer: Answer): void => {
    if (answer.status !== 200 || answer.body.length > maxBytes) return
    drop(key)
    kept.set(key, { answer, untilMs: now() + freshMs })
    bytes += answer.body.length
    for (const oldest of kept.keys()) {
      if (kept.size <= maxEntries && bytes <= maxBytes) break
      drop(oldest)
    }
  }
  return {
    fresh(key) {
      const found = kept.get(key)
      return found !== undefined && found.untilMs > now() ? found.answer : undefined
    },
    make(key, answer) {
      const begun = underWay.get(key)
      if (begun !== undefined) return begun
      const making = answer()
        .then((made) => {
          if (underWay.get(key) === making) keep(key, made)
          return made
        })
        .finally(() => {
          if (underWay.get(key) === making) underWay.delete(key)
        })
      underWay.set(key, making)
      return making
    },
    clear() {
      kept.clear()
      underWay.clear()
      bytes = 0
    },
  }
}
