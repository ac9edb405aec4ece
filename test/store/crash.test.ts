import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import type { Store } from '../../src/store/store.js'
import type { Rollup } from '../../src/tracker/rollup.js'
import { compileProgram } from './compiled.js'
import { HAMMERED, hammeredAnswers, hammeredAt, STEP_MS } from './hammer.js'
import { at, DAY, HOUR, inDirectory, url } from './support.js'

const KILLS = 100
/** Rounds in a transaction, each kind at a history of its own: one round, and enough to be taken for load. */
const LANES = [1, 20] as const
const LONGEST_RUN_MS = 120

describe('a program that is killed while it writes, adds up and deletes', () => {
  it(`loses nothing that it was told is durable, at ${KILLS} moments`, { timeout: 180_000 }, () =>
    inDirectory(async (directory) => {
      const seed = Date.now()
      console.log(`moments of the kills: seed ${seed}`)
      const program = compileProgram(join(directory, 'program'), 'hammer.ts')
      const random = randomOf(seed)
      const lane = async (atOnce: number): Promise<void> => {
        const file = join(directory, `history-${atOnce}.db`)
        let rounds = 0
        for (let kill = 0; kill < KILLS / LANES.length; kill++) {
          const told = await runUntilKilled([program, file, String(atOnce)], random() * LONGEST_RUN_MS)
          const store = await openStore(`sqlite:${file}`)
          try {
            rounds = await requireKept(store, Math.max(rounds - 1, told ?? -1), atOnce)
          } finally {
            await store.close()
          }
        }
        expect(rounds).toBeGreaterThan(KILLS / LANES.length)
      }
      await Promise.all(LANES.map(lane))
    }),
  )
})

/** The last round that the program called durable; null if it was killed before. */
async function runUntilKilled(command: readonly string[], afterMs: number): Promise<number | null> {
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  let told: number | null = null
  for await (const line of createInterface({ input: child.stdout })) {
    if (told === null) setTimeout(() => child.kill('SIGKILL'), afterMs)
    told = Number(line)
  }
  const [code, signal] = await ended
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
  return told
}

/** Everything up to round `told` is there, whole transactions only, and what is added up is what was written. */
async function requireKept(store: Store, told: number, atOnce: number): Promise<number> {
  expect(await store.verify()).toEqual([])
  const states = await store.states()
  const newest = states[0]?.health?.checkedAt.getTime() ?? at(-STEP_MS).getTime()
  const rounds = (newest - at(0).getTime()) / STEP_MS + 1
  expect(rounds).toBeGreaterThan(told)
  expect(rounds % atOnce).toBe(0)
  const moments = states.map((_, index) => (rounds === 0 ? undefined : at(hammeredAt(index, rounds - 1))))
  expect(states.map(({ health }) => health?.checkedAt)).toEqual(moments)
  expect(states.map(({ health }) => health?.streak?.count)).toEqual(states.map((_, index) => streakOf(index, rounds)))
  // Of checks that come in large numbers what they said beyond their rows is written late.
  if (atOnce === 1) expect(states.map(({ last }) => last?.checkedAt)).toEqual(moments)
  const [first] = states
  if (rounds === 0 || first === undefined) return 0
  const index = rounds % HAMMERED
  const window = { from: at(0), to: at(hammeredAt(index, rounds)) }
  expect(countsOf(await store.hours(url(index), window))).toEqual(counted(index, rounds, HOUR))
  expect(countsOf(await store.days(url(index), window))).toEqual(counted(index, rounds, DAY))
  return rounds
}

/** How many of the last checks in a row said the same. */
function streakOf(index: number, rounds: number): number | undefined {
  if (rounds === 0) return undefined
  let count = 1
  while (count < rounds && hammeredAnswers(index, rounds - 1 - count) === hammeredAnswers(index, rounds - 1)) count += 1
  return count
}

/** Those in which there were checks: time goes on without. */
function countsOf(rollups: readonly Rollup[]): readonly (readonly [Date, number, number])[] {
  const counts = rollups.map(({ from, checks: { ok, failed } }) => [from, ok, failed] as const)
  return counts.filter(([, ok, failed]) => ok + failed > 0)
}

/** What was written of a tracker, per hour or day. */
function counted(index: number, rounds: number, unitMs: number): readonly (readonly [Date, number, number])[] {
  const counts = new Map<number, [ok: number, failed: number]>()
  for (let round = 0; round < rounds; round++) {
    const unit = Math.floor(hammeredAt(index, round) / unitMs)
    const [ok, failed] = counts.get(unit) ?? [0, 0]
    const answered = hammeredAnswers(index, round)
    counts.set(unit, [ok + (answered ? 1 : 0), failed + (answered ? 0 : 1)])
  }
  return [...counts].map(([unit, [ok, failed]]) => [at(unit * unitMs), ok, failed])
}

function randomOf(seed: number): () => number {
  let state = seed % 2 ** 31
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 2 ** 31
  }
}
