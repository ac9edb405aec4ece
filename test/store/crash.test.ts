import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { startRecorder } from './child.js'
import { BATCH } from './recorder.js'
import { at, DAY, inDirectory, url } from './support.js'

const ROUNDS = 20

describe('a program that is killed while it writes', () => {
  it(`loses nothing that it was told is durable, and leaves no half batch, ${ROUNDS} times`, { timeout: 120_000 }, () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      let kept = 0
      for (let round = 0; round < ROUNDS; round++) {
        const recorder = await startRecorder(file)
        let acknowledged = kept / BATCH - 1
        for (let batch = 0; batch < 1 + ((round * 7) % 40); batch++) acknowledged = Number(await recorder.line())
        const rest = await recorder.kill()
        acknowledged = Number(rest.at(-1) ?? acknowledged)

        const store = await openStore(`sqlite:${file}`)
        try {
          expect(await store.verify()).toEqual([])
          kept = (await store.info()).checks
          expect(kept % BATCH).toBe(0)
          expect(kept / BATCH).toBeGreaterThan(acknowledged)
          const [newest] = await store.checks(url('a'), { from: at(0), to: at(DAY) }, 1)
          expect(newest?.checkedAt).toEqual(at(kept - 1))
          expect((await store.find(url('a')))?.last?.checkedAt).toEqual(at(kept - 1))
        } finally {
          await store.close()
        }
      }
    }),
  )
})
