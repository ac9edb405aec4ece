import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { healthCheckOf, parseDockerfile, valuesOf } from './dockerfile.js'
import { root } from './programs.js'

const stages = parseDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'))
const last = stages.at(-1)

describe('the image', () => {
  it('is built on Node 20 and leaves its compilers behind', () => {
    expect(stages.map((stage) => stage.base)).toEqual(['node:20-bookworm-slim', 'node:20-bookworm-slim'])
    expect(stages[0]?.instructions.some(({ value }) => value.includes('g++'))).toBe(true)
    expect(last?.instructions.some(({ value }) => value.includes('apt-get'))).toBe(false)
  })

  it('installs what the lock file says and nothing for development', () => {
    const commands = valuesOf(stages[0], 'RUN')
    expect(commands).toContain('npm ci')
    expect(commands.at(-1)).toContain('npm prune --omit=dev')
  })

  it('holds what the package holds, the scripts for browsers compiled', () => {
    const manifest = z.object({ files: z.array(z.string()), scripts: z.object({ build: z.string() }) })
    const { files, scripts } = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
    const copied = valuesOf(last, 'COPY').map((value) => value.replace(/^--from=build \/app\//, '').split(' ')[0])
    expect(copied).toEqual(expect.arrayContaining(files.filter((file) => file !== 'CHANGELOG.md')))
    expect(scripts.build).toContain('tsc -p src/http/client/tsconfig.json')
    expect(valuesOf(stages[0], 'COPY')).toContain('src ./src')
    expect(valuesOf(stages[0], 'RUN').at(-1)).toContain('npm run build')
  })

  it('copies only what exists and what .dockerignore lets through', () => {
    const ignore = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
    expect(ignore).toContain('*')
    const copies = stages.flatMap((stage) => valuesOf(stage, 'COPY')).filter((value) => !value.startsWith('--from'))
    const sources = copies.flatMap((value) => value.split(' ').slice(0, -1))
    expect(sources.length).toBeGreaterThan(5)
    for (const source of sources) {
      expect(existsSync(join(root, source)), source).toBe(true)
      expect(ignore).toContain(`!${source}`)
    }
    const used = new Set(sources)
    expect(ignore.filter((line) => line.startsWith('!') && !used.has(line.slice(1)))).toEqual([])
  })

  it('runs as a user who owns nothing but the data', () => {
    expect(valuesOf(last, 'USER')).toEqual(['node'])
    expect(valuesOf(last, 'RUN')).toEqual(['mkdir data && chown node:node data'])
  })

  it('runs the daemon by default, and any other command when asked', () => {
    expect(valuesOf(last, 'ENTRYPOINT')).toEqual(['["node", "dist/cli.js"]'])
    expect(valuesOf(last, 'CMD')).toEqual(['["run"]'])
    expect(valuesOf(last, 'STOPSIGNAL')).toEqual(['SIGTERM'])
    expect(valuesOf(last, 'EXPOSE')).toEqual(['10069'])
  })

  it('listens where the shipped configuration takes its address from', () => {
    expect(valuesOf(last, 'ENV').join(' ')).toContain('TRACKERWATCH_LISTEN=0.0.0.0:10069')
    const config = parse(readFileSync(join(root, 'config/trackerwatch.yaml'), 'utf8'))
    expect(config.listen).toBe('$' + '{TRACKERWATCH_LISTEN:-127.0.0.1:10069}')
  })
})

describe('the health check of the image', () => {
  const [program = '', ...args] = healthCheckOf(stages)

  async function exitCodeOn(address: string): Promise<number | null> {
    const child = spawn(program, args, { env: { ...process.env, TRACKERWATCH_LISTEN: address }, stdio: 'ignore' })
    const [code] = await once(child, 'exit')
    return code
  }

  it.each([
    [200, 0],
    [503, 1],
  ])('takes an answer of %i to exit code %i', async (status, expected) => {
    const asked: (string | undefined)[] = []
    const server = createServer((request, response) => {
      asked.push(request.url)
      response.writeHead(status).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    expect(await exitCodeOn(`0.0.0.0:${port}`)).toBe(expected)
    expect(asked).toEqual(['/-/healthy'])
    server.closeAllConnections()
    server.close()
  })

  it('takes a port that nobody listens on to exit code 1', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    server.close()
    await once(server, 'close')
    expect(await exitCodeOn(`0.0.0.0:${address !== null && typeof address === 'object' ? address.port : 0}`)).toBe(1)
  })
})
