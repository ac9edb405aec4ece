import { writeSync } from 'node:fs'
import { openStore } from '../../src/store/open.js'
import type { CheckRecord } from '../../src/store/store.js'
import type { Health } from '../../src/tracker/health.js'
import { at, check, checksBefore, HOUR, MINUTE, ok, records, timeout, url, watched } from './support.js'

/*
 * A program of its own, to be killed at any moment: goes on with the history at its first argument, so many rounds at once
 * as its second says, tells the number of the last once it is durable, and in between adds up and deletes.
 */
export const HAMMERED = 25
export const STEP_MS = 10 * MINUTE
export const KEPT_MS = 30 * HOUR

/** Whether tracker `index` answers in a round: what a test expects to find again. */
export function hammeredAnswers(index: number, round: number): boolean {
  return (round + index * 7) % 40 < 32
}

export function hammeredAt(index: number, round: number): number {
  return round * STEP_MS + index * 1000
}

async function main(file: string, atOnce: number): Promise<void> {
  const store = await openStore(`sqlite:${file}`)
  const names = Array.from({ length: HAMMERED }, (_, index) => index)
  await store.watch(
    names.map((name) => watched(name)),
    at(0),
  )
  const states = await store.states()
  const healths = new Map<number, Health | undefined>(states.map(({ health }, index) => [index, health ?? undefined]))
  const newest = states[0]?.health?.checkedAt
  let round = newest === undefined ? 0 : (newest.getTime() - at(0).getTime()) / STEP_MS + 1
  const upkeep = async (ms: number): Promise<void> => {
    await store.roll(at(ms))
    await store.prune({ ...checksBefore(ms - KEPT_MS), hours: at(0) })
  }
  let tidying: Promise<void> = Promise.resolve()
  for (let goes = 0; ; goes++) {
    const records: CheckRecord[] = []
    for (const end = round + atOnce; round < end; round++) {
      records.push(...names.map((index) => next(index, round, healths)))
    }
    await store.record(records)
    writeSync(1, `${round - 1}\n`)
    if (goes % 9 === 0) {
      await tidying
      tidying = upkeep(hammeredAt(0, round - 1))
    }
  }
}

function next(index: number, round: number, healths: Map<number, Health | undefined>): CheckRecord {
  const result = check(index, hammeredAt(index, round), hammeredAnswers(index, round) ? ok : timeout)
  const [record] = records([result], undefined, healths.get(index))
  if (record === undefined) throw new Error(`no record of ${url(index)}`)
  healths.set(index, record.health)
  return record
}

const [, program, file, atOnce] = process.argv
if (program === import.meta.filename && file !== undefined) await main(file, Number(atOnce))
