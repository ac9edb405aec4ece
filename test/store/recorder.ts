import { writeSync } from 'node:fs'
import { openStore } from '../../src/store/open.js'
import { at, check, ok, records, url, watched } from './support.js'

/*
 * A program of its own, to be killed: opens the store named by its first argument, says `open`, and then writes batch
 * after batch, with the number of each on a line once it is durable. With a second argument it only holds the store.
 */
export const BATCH = 20

async function main([location = '', hold]: readonly string[]): Promise<void> {
  const store = await openStore(`sqlite:${location}`)
  await store.watch([watched('a')], at(0))
  writeSync(1, 'open\n')
  if (hold !== undefined) return new Promise(() => setInterval(() => {}, 1000))
  const { checks } = await store.info()
  for (let batch = checks / BATCH; ; batch++) {
    const results = Array.from({ length: BATCH }, (_, index) => check('a', batch * BATCH + index, ok))
    await store.record(records(results, undefined, (await store.find(url('a')))?.health ?? undefined))
    writeSync(1, `${batch}\n`)
  }
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2))
