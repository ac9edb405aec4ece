import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { StoreError } from '../errors.js'
import { explain, explained } from './explain.js'

/** How long a write waits for another program's lock, and how often it looks, with the event loop free in between. */
const BUSY_MS = 1000
const BUSY_RETRY_MS = 20

/** The calls under way on an open store. */
export interface Work {
  /** Runs a call; `signal` aborts when the store is to be closed. Errors are explained. */
  run<T>(body: (signal: AbortSignal) => T | Promise<T>): Promise<T>
  /** The same for a call that writes: refused where `requireSame` throws. */
  change<T>(body: (signal: AbortSignal) => T | Promise<T>): Promise<T>
  /** The same for one transaction: while another program has the lock, it is tried again for a while. */
  write<T>(body: () => T): Promise<T>
  /** Refuses new calls, waits for those under way, then writes `last`, and then runs `release` whatever came of it; once. */
  close(last: () => void, release: () => void): Promise<void>
}

export function createWork(file: string, requireSame: () => void): Work {
  const underWay = new Set<Promise<unknown>>()
  const closing = new AbortController()
  let closed: Promise<void> | null = null
  const perform = async <T>(body: (signal: AbortSignal) => T | Promise<T>): Promise<T> => {
    if (closing.signal.aborted) throw new StoreError(`${file} is closed`)
    try {
      return await body(closing.signal)
    } catch (error) {
      throw explain(error, file)
    }
  }
  const finish = async (last: () => void, release: () => void): Promise<void> => {
    closing.abort(new StoreError(`${file} was closed meanwhile`))
    await Promise.allSettled(underWay)
    try {
      await patiently(last)
    } catch (error) {
      throw explain(error, file)
    } finally {
      explained(file, release)
    }
  }
  const run = <T>(body: (signal: AbortSignal) => T | Promise<T>): Promise<T> => {
    const call = perform(body)
    underWay.add(call)
    const done = () => void underWay.delete(call)
    call.then(done, done)
    return call
  }
  const change: Work['change'] = (body) =>
    run((signal) => {
      requireSame()
      return body(signal)
    })
  return {
    run,
    change,
    write: (body) => change((signal) => patiently(body, signal)),
    close(last, release) {
      closed ??= finish(last, release)
      return closed
    },
  }
}

async function patiently<T>(body: () => T, signal?: AbortSignal): Promise<T> {
  const endAt = performance.now() + BUSY_MS
  for (;;) {
    try {
      return body()
    } catch (error) {
      if (!isBusy(error) || signal?.aborted || performance.now() > endAt) throw error
    }
    await delay(BUSY_RETRY_MS)
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}
