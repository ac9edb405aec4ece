import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { loadSubmissions } from '../../src/daemon/submission-file.js'
import { type Logged, logTo } from '../monitor/support.js'

it('a damaged file is put aside beside those before it: the first nine are kept, and the newest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-submissions-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'submissions.json')
  const logged: Logged[] = []
  for (let time = 1; time <= 12; time++) {
    writeFileSync(file, `damaged ${time}`)
    expect(await loadSubmissions(file, logTo(logged))).toEqual([])
  }
  const asides = [`${file}.damaged`, ...Array.from({ length: 9 }, (_, index) => `${file}.damaged.${index + 2}`)]
  const kept = [...Array.from({ length: 9 }, (_, index) => `damaged ${index + 1}`), 'damaged 12']
  expect(asides.map((aside) => readFileSync(aside, 'utf8'))).toEqual(kept)
  expect(readdirSync(folder)).toHaveLength(10)
  const told = [...asides, ...asides.slice(-1), ...asides.slice(-1)].map((aside) => ({ file, aside }))
  expect(logged.map(({ fields }) => fields)).toEqual(told)
})
