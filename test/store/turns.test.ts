import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { createRest, inTurns, repeatInTurns } from '../../src/store/sqlite/turns.js'
import { block } from '../support/block.js'

const items = Array.from({ length: 60 }, (_, index) => index)

/** A table that notes what was done. */
function noting() {
  const client = new Database(':memory:')
  client.exec('CREATE TABLE done (item INTEGER NOT NULL) STRICT')
  const insert = client.prepare<[number]>('INSERT INTO done VALUES (?)')
  const done = () => client.prepare<[], number>('SELECT item FROM done').pluck().all()
  return { client, note: (item: number) => void insert.run(item), done }
}

/** The turns that others had while `work` ran. */
async function turnsDuring(work: Promise<void>): Promise<number> {
  let turns = 0
  let isOver = false
  const ended = work.finally(() => {
    isOver = true
  })
  while (!isOver) {
    await new Promise(setImmediate)
    turns += 1
  }
  await ended
  return turns
}

describe('work in turns', () => {
  it('gives up its turn after a few ms, however long one thing takes, and does all of them in order', async () => {
    const { client, note, done } = noting()
    const slow = (item: number): void => {
      block(2)
      note(item)
    }
    // Two of 2 ms fill a turn of 3 ms.
    expect(await turnsDuring(inTurns(client, items, slow))).toBeGreaterThanOrEqual(29)
    expect(done()).toEqual(items)
  })

  it('has what a turn did committed, and undoes the turn in which something fails', async () => {
    const { client, note, done } = noting()
    const failing = (item: number): void => {
      block(2)
      note(item)
      if (item === 10) throw new Error('disk full')
    }
    await expect(inTurns(client, items, failing)).rejects.toThrow('disk full')
    expect(done().length).toBeGreaterThanOrEqual(8)
    expect(done()).toEqual(items.slice(0, done().length))
    expect(done()).not.toContain(10)
  })

  it('ends once it is aborted', async () => {
    const { client, note, done } = noting()
    const stopping = new AbortController()
    const slow = (item: number): void => {
      block(2)
      note(item)
      if (item === 10) stopping.abort()
    }
    await inTurns(client, items, slow, stopping.signal)
    expect(done().length).toBeLessThanOrEqual(12)
  })

  it('gives up its turn after the last thing too, so that one work after the other leaves room', async () => {
    const { client, note, done } = noting()
    const oneByOne = async () => {
      for (const item of items) await inTurns(client, [item], note)
    }
    expect(await turnsDuring(oneByOne())).toBeGreaterThanOrEqual(items.length)
    expect(done()).toEqual(items)
  })

  it('repeats until there is nothing left to do', async () => {
    const { client, note, done } = noting()
    const left = [...items]
    const again = (): boolean => {
      block(1)
      note(left.shift() ?? -1)
      return left.length > 0
    }
    expect(await turnsDuring(repeatInTurns(client, again, new AbortController().signal))).toBeGreaterThanOrEqual(14)
    expect(done()).toEqual(items)
  })

  it('that only reads rests in between just as often', async () => {
    const readAll = async () => {
      const rest = createRest()
      for (const _ of items) {
        await rest()
        block(2)
      }
    }
    expect(await turnsDuring(readAll())).toBeGreaterThanOrEqual(29)
  })
})
