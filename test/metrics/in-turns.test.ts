import { expect, it } from 'vitest'
import { mapInTurns } from '../../src/metrics/in-turns.js'

it('many things are made in order, with the event loop free between', async () => {
  let turns = 0
  setImmediate(() => {
    turns += 1
  })
  const made = await mapInTurns([1, 2, 3], (item) => {
    const untilMs = performance.now() + 10
    while (performance.now() < untilMs);
    return [item, turns]
  })
  expect(made).toEqual([
    [1, 0],
    [2, 1],
    [3, 1],
  ])
})
