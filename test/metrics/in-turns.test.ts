import { expect, it } from 'vitest'
import { mapInTurns } from '../../src/metrics/in-turns.js'
import { block } from '../support/block.js'

it('many things are made in order, with the event loop free between', async () => {
  let turns = 0
  setImmediate(() => {
    turns += 1
  })
  const made = await mapInTurns([1, 2, 3], (item) => {
    block(10)
    return [item, turns]
  })
  expect(made).toEqual([
    [1, 0],
    [2, 1],
    [3, 1],
  ])
})
