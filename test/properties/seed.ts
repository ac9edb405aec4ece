import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll } from 'vitest'

/** What decides the inputs of a file of properties. */
export interface Luck {
  /** The same seed gives the same inputs. */
  readonly seed: number
  /** Holds a property for so many inputs, times TRACKERWATCH_RUNS. A failure is shrunk, and reported with its seed. */
  readonly holds: (property: fc.IRawProperty<unknown>, usualRuns: number) => void | Promise<void>
  /** That many inputs at once, for work that is done in one go. */
  readonly sample: <T>(arbitrary: fc.Arbitrary<T>, usualRuns: number) => T[]
}

/**
 * Every run tries other inputs, and says with which seed; `TRACKERWATCH_SEED=123 npx vitest run test/properties` tries
 * those again. `TRACKERWATCH_RUNS=50` tries fifty times as many as usual.
 */
export function useLuck(): Luck {
  const seed = integerFrom('TRACKERWATCH_SEED') ?? randomInt(2 ** 31)
  const times = integerFrom('TRACKERWATCH_RUNS') ?? 1
  const runs = (usual: number): number => usual * times
  beforeAll(() => console.info(`TRACKERWATCH_SEED=${seed}`))
  return {
    seed,
    holds: (property, usual) => fc.assert(property, { seed, numRuns: runs(usual) }),
    sample: (arbitrary, usual) => fc.sample(arbitrary, { seed, numRuns: runs(usual) }),
  }
}

function integerFrom(name: string): number | null {
  const text = process.env[name]
  if (text === undefined || text === '') return null
  if (!/^-?\d{1,10}$/.test(text)) throw new RangeError(`${name} is "${text}", expected an integer`)
  return Number(text)
}
