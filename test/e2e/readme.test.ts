import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { configJsonSchema } from '../../src/config/schema.js'
import { type Demo, startDemo } from '../demo/start.js'
import { createFullPage } from '../deploy/full-page.js'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { cli, execute, root } from './program.js'
import { blocksOf, commandsOf, isAsPromised, promisedOutput, tableRows } from './readme.js'
import { statusOf } from './samples.js'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = blocksOf(readme)

/** Commands that are looked at and not run, and why. */
const notRun: Readonly<Record<string, string>> = {
  'npm ci && npm start': 'it would announce to public trackers; startup.test.ts starts the shipped configuration',
  'npm ci && npm test': 'it is what runs this test',
  'npm run demo': 'demo.test.ts runs it',
  'docker compose up': 'it needs Docker; test/deploy reads the files',
  'trackerwatch run --config config/trackerwatch.yaml': 'it is the daemon that the other commands talk to',
}

describe('README.md', () => {
  let demo: Demo

  beforeAll(async () => {
    demo = await startDemo()
    prepare(demo)
    await vi.waitFor(
      async () => {
        const page = await (await fetch(`${demo.daemon.url}/metrics`)).text()
        for (const { url, status } of demo.trackers) if (status === 'up') expect(statusOf(page, url)).toBe('up')
      },
      { timeout: 20_000, interval: 100 },
    )
  }, 30_000)
  afterAll(async () => {
    expect(await demo.stop()).toBe(0)
  })

  /** The ports of the demo are others where its own are taken. */
  function here(text: string): string {
    return text
      .replaceAll('http://127.0.0.1:10069', demo.daemon.url)
      .replaceAll(/\b(\w+:\/\/\w+\.localhost):\d+\/announce/g, (documented, name: string) => {
        const tracker = demo.trackers.find(({ url }) => url.startsWith(`${name}:`))
        if (tracker === undefined) throw new Error(`${documented} is no tracker of the demo`)
        return tracker.url
      })
  }

  const shell = (text: string) =>
    execute('bash', ['-c', here(text)], {
      cwd: demo.folder,
      env: {
        ...process.env,
        PATH: [join(demo.folder, 'bin'), process.env.PATH].join(delimiter),
        CURL_HOME: demo.folder,
      },
    })

  const commands = blocks.filter(({ language }) => language === 'sh').flatMap(commandsOf)

  describe.each(commands)('$text', ({ text, exitCode }) => {
    const why = notRun[text]
    const program = text.startsWith('curl ') ? 'curl' : 'bash'
    if (why !== undefined) it(`exists (not run: ${why})`, () => expectToExist(text))
    else {
      it.runIf(isInstalled(program))(titleFor(`ends with code ${exitCode}`, program), async () => {
        const { code, stdout, stderr } = await shell(text)
        expect(code, stdout + stderr).toBe(exitCode)
        if (exitCode === 0 && program !== 'curl')
          expect(
            stderr.replace(/^\S+: (?:\d+ of \d+ trackers|\d+ rows? of \w+)$|^\d+ of \d+ alive.*$/gm, '').trim(),
          ).toBe('')
      })
    }
  })

  it.runIf(isInstalled('bash'))(titleFor('shows what check prints', 'bash'), async () => {
    const [shown] = blocks.filter(({ text }) => text.startsWith('✓'))
    const command = commands.findLast(({ text }) => text.startsWith('trackerwatch check') && !isExplained(text))
    const { stdout, stderr } = await shell(command?.text ?? '')
    expect(gist(stdout + stderr)).toEqual(gist(shown?.text ?? ''))
  })

  it.runIf(isInstalled('bash'))(titleFor('shows what check --explain prints', 'bash'), async () => {
    const shown = blocks.find(({ text }) => text.includes('\nVerdict: '))
    const command = commands.find(({ text }) => isExplained(text))
    const { stdout } = await shell(command?.text ?? '')
    expect(outline(stdout)).toEqual(outline(shown?.text ?? ''))
  })

  const examples = blocks.filter(({ language }) => language === 'ts')

  it('has examples that compile', { timeout: 30_000 }, () => {
    for (const [index, { text }] of examples.entries())
      writeFileSync(join(demo.folder, `example-${index}.ts`), here(text))
    const options = {
      module: 'nodenext',
      target: 'es2023',
      strict: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    }
    writeFileSync(
      join(demo.folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, include: ['example-*.ts'] }),
    )
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', demo.folder],
      {
        encoding: 'utf8',
      },
    )
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  })

  it.each(examples.map((block, index) => ({ block, index, line: block.line })))(
    'has an example in line $line that prints what it says',
    async ({ block, index }) => {
      const { code, stdout, stderr } = await execute(process.execPath, [`example-${index}.js`], { cwd: demo.folder })
      expect(code, stderr).toBe(0)
      const printed = stdout.trimEnd().split('\n')
      const promised = promisedOutput(block)
      expect(printed, stdout).toHaveLength(promised.length)
      for (const [at, line] of promised.entries())
        expect(isAsPromised(printed[at] ?? '', line), `${printed[at]}, not ${line}`).toBe(true)
    },
  )

  it('has every key of the configuration with its default', () => {
    const rows = tableRows(readme, 'Configuration').map(([key = '', value = '']) => [unquoted(key), unquoted(value)])
    const schema: Node = JSON.parse(JSON.stringify(configJsonSchema()))
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(keysOf(schema)))
  })

  it('has every metric with its labels', async () => {
    const { body } = await createFullPage(new Date())()
    const rows = tableRows(readme, 'Metrics').map(([name = '', labels = '']) => [
      unquoted(name),
      labels.match(/\w+/g) ?? [],
    ])
    expect(Object.fromEntries(rows)).toEqual(labelsByMetric(body.toString()))
  })

  it('names files that are there', () => {
    const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, file = '']) => file)
    const layout =
      blocks.find(({ text }) => text.startsWith('src/tracker/'))?.text.match(/\S+(?:\/|\.ts)(?=\s{2,})/g) ?? []
    expect(layout).toHaveLength(12)
    expect([...links, ...layout].filter((file) => !existsSync(join(root, file)))).toEqual([])
  })
})

/** What the commands and examples need beside the demo: the program on the path, the package by its name. */
function prepare({ folder }: Demo): void {
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin', 'trackerwatch'), `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`, {
    mode: 0o755,
  })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  // An answer of 400 or more is a failure.
  writeFileSync(join(folder, '.curlrc'), 'fail\n')
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules', 'trackerwatch'))
}

function expectToExist(command: string): void {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const [, script = ''] of command.matchAll(/npm (?:run )?(start|test|demo)/g))
    expect(scripts).toHaveProperty(script)
  if (command.startsWith('npm ci')) expect(existsSync(join(root, 'package-lock.json'))).toBe(true)
  if (command.startsWith('docker')) expect(existsSync(join(root, 'docker-compose.yml'))).toBe(true)
  const [, config] = /--config (\S+)/.exec(command) ?? []
  if (config !== undefined) expect(existsSync(join(root, config))).toBe(true)
}

/** Lines without their order, numbers and spacing. */
function gist(text: string): readonly string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/\d+(\.\d+)?/g, '0').replaceAll(/ +/g, ' '))
    .toSorted()
}

function isExplained(command: string): boolean {
  return command.includes(' --explain')
}

/** Lines without their numbers, ids and spacing. */
function outline(text: string): readonly string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/\b[0-9a-f]{8}\b|\d+(\.\d+)?/g, '0').replaceAll(/ +/g, ' '))
}

function unquoted(cell: string): string {
  return cell.replaceAll('`', '')
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly default?: unknown
}

/** Leaves of the schema as `groups[].name`, with the default as the README writes it. */
function keysOf({ properties = {} }: Node, prefix = ''): readonly (readonly [string, string])[] {
  return Object.entries(properties)
    .filter(([name]) => name !== '$schema')
    .flatMap(([name, node]) => {
      if (node.properties !== undefined) return keysOf(node, `${prefix}${name}.`)
      if (node.items?.properties !== undefined) return keysOf(node.items, `${prefix}${name}[].`)
      const { default: value } = node
      const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
      return [[`${prefix}${name}`, text] as const]
    })
}

/** Labels of each family on a metrics page, without the one that all trackers have and that of a histogram's buckets. */
function labelsByMetric(page: string): Readonly<Record<string, readonly string[]>> {
  const names = [...page.matchAll(/^# TYPE (trackerwatch_\w+)/gm)].map(([, name = '']) => name)
  return Object.fromEntries(
    names.map((name) => {
      const labels = new RegExp(`^${name}(?:_bucket)?\\{(.*)\\} `, 'm').exec(page)?.[1] ?? ''
      const own = [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label)
      return [name, own.filter((label) => label !== 'tracker' && label !== 'le')]
    }),
  )
}
