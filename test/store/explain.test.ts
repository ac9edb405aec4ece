import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { explain } from '../../src/store/sqlite/explain.js'

describe('a disk that fails', () => {
  it('is to be checked, and its quota with it, where it has space', () => {
    const directory = mkdtempSync(join(tmpdir(), 'trackerwatch-explain-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const file = join(directory, 'history.db')
    const error = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' })
    expect(explain(error, file)).toMatchObject({
      message:
        `${file} cannot be read or written: check the disk and its quota (network file systems cannot hold it) ` +
        '(disk I/O error)',
      cause: error,
    })
  })
})
