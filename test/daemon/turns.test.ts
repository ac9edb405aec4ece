import { describe, expect, it } from 'vitest'
import { createPlanUpdates } from '../../src/daemon/plan-updates.js'
import { coalesced } from '../../src/daemon/turns.js'

/** Work whose goes end when the test says so. */
function heldWork() {
  const ends: (() => void)[] = []
  const work = (): Promise<void> => new Promise((resolve) => ends.push(resolve))
  return { work, ends }
}

describe('work that is coalesced', () => {
  it('is done once more for all that was asked for during it, and then again when it is asked for', async () => {
    const { work, ends } = heldWork()
    const { ask, settled } = coalesced(work)
    ask()
    expect(ends).toHaveLength(1)
    ask()
    ask()
    expect(ends).toHaveLength(1)
    let isSettled = false
    const over = settled().then(() => {
      isSettled = true
    })
    ends[0]?.()
    await expect.poll(() => ends.length).toBe(2)
    expect(isSettled).toBe(false)
    ends[1]?.()
    await over
    expect(ends).toHaveLength(2)
    ask()
    expect(ends).toHaveLength(3)
  })

  it('is settled where nothing was asked for', async () => {
    await coalesced(() => Promise.reject(new Error('nobody asked'))).settled()
  })
})

describe('updates of the plan', () => {
  it('are told where they fail, and the next one is tried', async () => {
    const errors: string[] = []
    const log = { debug() {}, info() {}, warn() {}, error: (_fields: object, message: string) => errors.push(message) }
    let tried = 0
    const { ask, settled } = createPlanUpdates(async () => {
      tried += 1
      throw new Error('database is locked')
    }, log)
    ask()
    ask()
    await settled()
    expect(tried).toBe(2)
    expect(errors).toEqual(['accepted submissions not taken up', 'accepted submissions not taken up'])
  })
})
