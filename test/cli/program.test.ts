import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { announced } from '../support/udp-tracker.js'
import { directory, finished, PROGRAM, silent, start, tracker } from './support.js'

/** The event of an announce (BEP 15). */
const STOPPED = 3

const silentTracker = () => tracker({ connect: silent })

/** Packages that a command loads before it knows what it has to do, by the imports of its module. */
function staticPackages(module: string, seen = new Set<string>()): Set<string> {
  const file = new URL(`../../src/${module}`, import.meta.url)
  if (seen.has(file.href)) return new Set()
  seen.add(file.href)
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s(?!type\s)[^'"()=]*?from '([^']+)'/gm)
  const packages = new Set<string>()
  for (const [, name = ''] of imports) {
    if (name.startsWith('node:')) continue
    if (!name.startsWith('.')) packages.add(name)
    else {
      const path = new URL(name.replace(/\.js$/, '.ts'), file).href.replace(/^.*\/src\//, '')
      for (const found of staticPackages(path, seen)) packages.add(found)
    }
  }
  return packages
}

describe('the program', () => {
  it('ends by itself with 0, 1 and 2', async () => {
    const [alive, dead] = [await tracker(), await silentTracker()]
    const check = (...args: string[]) => finished(start(['check', '--allow-private', '--timeout', '2s', ...args]))
    const codes = await Promise.all([check(alive), check('--timeout', '300ms', dead), check(alive, 'nonsense')])
    expect(codes.map(({ code }) => code)).toEqual([0, 1, 2])
  })

  it('reads a list from a pipe on stdin', async () => {
    const url = await tracker()
    const child = start(['check', '--allow-private', '--alive', '-f', '-'])
    child.stdin.end(`${url}\n`)
    expect(await finished(child)).toMatchObject({ code: 0, stdout: `${url}\n` })
  })

  it('ends quietly once nobody reads its output, without waiting for the rest', async () => {
    const urls = [await tracker(), await silentTracker()]
    const child = start(['check', '--allow-private', '--timeout', '60s', '--json', ...urls, 'bad-1', 'bad-2'])
    child.stdout.destroy()
    const stderr: Buffer[] = []
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    const [code] = await once(child, 'close')
    expect(code).toBe(0)
    expect(Buffer.concat(stderr).toString()).not.toMatch(/EPIPE|at /)
  })

  it.skipIf(!existsSync('/dev/full'))('ends with 3 when results cannot be written (needs /dev/full)', async () => {
    const check = [process.execPath, PROGRAM, 'check', '--json', 'bad']
    const { code, stderr } = await finished(spawn('sh', ['-c', 'exec "$@" > /dev/full', 'sh', ...check]))
    expect(stderr).toContain('trackerwatch: results cannot be written: ENOSPC')
    expect(stderr).not.toContain('    at ')
    expect(code).toBe(3)
  })

  it('shows at Ctrl-C what is done so far and ends with 130', async () => {
    const [alive, dead] = [await tracker(), await silentTracker()]
    const child = start(['check', '--allow-private', '--timeout', '60s', alive, dead])
    const [line] = await once(createInterface(child.stdout), 'line')
    expect(line).toContain(alive)
    child.kill('SIGINT')
    const { code, stderr } = await finished(child)
    expect(code).toBe(130)
    expect(stderr).toMatch(/^1 of 2 alive, 1 not checked · /)
  })

  it('prints at Ctrl-C the alive URLs so far', async () => {
    let left = (): void => {}
    const hasLeft = new Promise<void>((resolve) => {
      left = resolve
    })
    const alive = await tracker({
      announce: (transactionId, packet) => {
        if (packet.readUInt32BE(80) === STOPPED) left()
        return announced()(transactionId, packet)
      },
    })
    const child = start(['check', '--allow-private', '--timeout', '60s', '--alive', alive, await silentTracker()])
    await hasLeft
    child.kill('SIGINT')
    expect(await finished(child)).toMatchObject({ code: 130, stdout: `${alive}\n` })
  })

  it.each([
    ['that nobody caught', "process.on('SIGUSR2', () => { throw new TypeError('a bug') })"],
    [
      'that no tracker can be blamed for',
      `import dgram from 'node:dgram'
       import { syncBuiltinESMExports } from 'node:module'
       dgram.createSocket = () => { throw new TypeError('a bug') }
       syncBuiltinESMExports()`,
    ],
  ])('ends with 3 and a stack for an error %s', async (_, fault) => {
    const hook = join(directory(), 'fault.mjs')
    writeFileSync(hook, fault)
    const child = start(['check', '--allow-private', '--timeout', '60s', 'bad', await silentTracker()], {
      nodeFlags: ['--import', hook],
    })
    if (fault.includes('SIGUSR2')) child.stdout.once('data', () => child.kill('SIGUSR2'))
    const { code, stderr } = await finished(child)
    expect(stderr).toMatch(/TypeError: a bug\n +at /)
    expect(code).toBe(3)
  })

  it('waits for nothing that check has no use for', () => {
    const packages = new Set([...staticPackages('cli.ts'), ...staticPackages('cli/check.ts')])
    expect([...packages].toSorted()).toEqual(['bencode', 'commander', 'ipaddr.js', 'ws'])
  })

  it.each(['cli/export.ts', 'cli/history.ts', 'cli/db.ts', 'cli/config.ts', 'cli/run.ts'])(
    'loads %s without the packages of the daemon',
    (module) => {
      expect([...staticPackages(module)]).toEqual([])
    },
  )
})
