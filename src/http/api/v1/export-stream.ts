/** How many may read at once. */
export interface Slots {
  /** Takes a place, to be given back once; null if none is free. */
  take(): (() => void) | null
}

export function createSlots(most: number): Slots {
  let taken = 0
  return {
    take() {
      if (taken >= most) return null
      taken += 1
      let isBack = false
      return () => {
        if (!isBack) taken -= 1
        isBack = true
      }
    },
  }
}

/** Rows as long as somebody waits for them: they end after the one at which `signal` has aborted. */
export async function* whileAwaited<T>(rows: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  for await (const row of rows) {
    if (signal.aborted) return
    yield row
  }
}

interface StreamOptions {
  /** Called once it is over: read to the end, given up or failed. */
  readonly onEnd: () => void
  readonly onError: (error: unknown) => void
  /** How long the reader may leave a piece unread before it is given up, ms. */
  readonly stallMs: number
}

/**
 * Texts as bytes, made as they are read and not before. The source ends with its reader: one that goes away, or stands
 * still for too long, holds neither memory nor a place.
 */
export function streamOf(texts: AsyncGenerator<string>, options: StreamOptions): ReadableStream<Uint8Array> {
  const { onEnd, onError, stallMs } = options
  const encoder = new TextEncoder()
  let stall: NodeJS.Timeout | undefined
  let isGivenUp = false
  const giveUp = async (): Promise<void> => {
    isGivenUp = true
    clearTimeout(stall)
    onEnd()
    await texts.return(undefined)
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stall)
        try {
          const { value, done } = await texts.next()
          if (isGivenUp) return // while it was made: nobody is there to take it
          if (done === true) {
            onEnd()
            controller.close()
            return
          }
          controller.enqueue(encoder.encode(value))
        } catch (error) {
          onEnd()
          onError(error)
          // What went wrong inside is for the log alone.
          throw new Error('the export broke off', { cause: error })
        }
        stall = setTimeout(() => {
          controller.error(new Error(`the reader of an export stood still for ${stallMs} ms`))
          void giveUp()
        }, stallMs)
      },
      cancel: giveUp,
    },
    { highWaterMark: 0 },
  )
}
