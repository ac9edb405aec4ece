import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { directory, run } from './support.js'
import { url, watchedStore } from './watched-store.js'

/** A configuration for this store, with what is given beside it. */
function configFor(folder: string, store: string, more = ''): string {
  const file = join(folder, 'trackerwatch.yaml')
  writeFileSync(file, `store: ${store}\ngroups:\n  - name: a\n    trackers: ["${url('steady')}"]\n${more}`)
  return file
}

describe('export', () => {
  it('prints a list of the configured store, best first', async () => {
    const { folder, store } = await watchedStore({ flapping: '+--+', dead: '----', steady: '++++' })
    const { code, stdout, stderr } = await run(['export', 'alive', '--config', configFor(folder, store)])
    expect(stderr).toBe('')
    expect(stdout).toBe(`${url('steady')}\n${url('flapping')}\n`)
    expect(code).toBe(0)
  })

  it('works while another process writes to the store', async () => {
    const { store } = await watchedStore({ steady: '++' })
    const writer = await openStore(store)
    try {
      expect((await run(['export', 'alive', '--store', store])).stdout).toBe(`${url('steady')}\n`)
    } finally {
      await writer.close()
    }
  })

  it('takes what "best" means from the configuration', async () => {
    const { folder, store } = await watchedStore({ flapping: '+--+', steady: '++++' })
    const config = configFor(folder, store, 'lists:\n  best: { limit: 1 }\n')
    expect((await run(['export', 'best', '--config', config])).stdout).toBe(`${url('steady')}\n`)
  })

  it('prints who is on a list with a memory, as the daemon keeps it', async () => {
    const { store } = await watchedStore({ steady: '++++', other: '++++' })
    const writer = await openStore(store)
    const change = { list: 'stable', url: url('other'), at: new Date(), uptime: 0.945 } as const
    await writer.changeLists([{ ...change, entered: true, reason: 'qualified' }])
    await writer.close()
    expect((await run(['export', 'stable', '--store', store])).stdout).toBe(`${url('other')}\n`)
  })

  it('takes the defaults for a store that is named where there is no configuration', async () => {
    const { store } = await watchedStore({ flapping: '+--+', steady: '++++' })
    expect((await run(['export', 'best', '--store', store])).stdout.split('\n')).toHaveLength(3)
    expect((await run(['export', 'stable', '--store', store])).stdout).toBe('') // younger than 10 days
  })

  it('renders each format', async () => {
    const { store } = await watchedStore({ a: '++', b: '++' })
    const aria2 = await run(['export', 'alive', '--format', 'aria2', '--store', store])
    expect(aria2.stdout).toBe(`${url('a')},${url('b')}`)
    const json = await run(['export', 'alive', '--format', 'json', '--store', store])
    expect(JSON.parse(json.stdout)).toEqual([url('a'), url('b')])
  })

  it('writes a file as a whole and leaves nothing else beside it', async () => {
    const { store } = await watchedStore({ steady: '++', dead: '--' })
    const folder = directory()
    const out = join(folder, 'new', 'list.txt')
    const { code, stdout, stderr } = await run(['export', 'alive', '--store', store, '--out', out])
    expect(code).toBe(0)
    expect(stdout).toBe('')
    expect(stderr).toBe(`${out}: 1 of 2 trackers\n`)
    expect(readFileSync(out, 'utf8')).toBe(`${url('steady')}\n`)
    expect(readdirSync(join(folder, 'new'))).toEqual(['list.txt'])
  })

  it('keeps a link and writes what it points to', async () => {
    const { store } = await watchedStore({ steady: '++' })
    const folder = directory()
    const [file, link] = [join(folder, 'real.txt'), join(folder, 'link.txt')]
    writeFileSync(file, 'old')
    symlinkSync(file, link)
    await run(['export', 'alive', '--store', store, '--out', link])
    expect(readlinkSync(link)).toBe(file)
    expect(readFileSync(file, 'utf8')).toBe(`${url('steady')}\n`)
  })

  it('replaces neither a directory nor a device', async () => {
    const { store } = await watchedStore({ steady: '++' })
    const out = join(directory(), 'folder')
    mkdirSync(out)
    for (const target of [out, '/dev/null']) {
      const { code, stderr } = await run(['export', 'alive', '--store', store, '--out', target])
      expect(code).toBe(2)
      expect(stderr).toContain(`--out is "${target}", which is not a regular file`)
    }
  })

  it('says what to do where there is no database yet', async () => {
    const file = join(directory(), 'none.db')
    const { code, stderr } = await run(['export', 'best', '--store', `sqlite:${file}`])
    expect(code).toBe(2)
    expect(stderr).toContain(`${file} does not exist: "trackerwatch run" creates it`)
    expect(existsSync(file)).toBe(false)
  })
})
