import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { directory, finished, run, start } from './support.js'

function configOf(text: string): string {
  const file = join(directory(), 'trackerwatch.yaml')
  writeFileSync(file, text)
  return file
}

const GROUPS = `groups:
  - name: a
    trackers: [udp://one.example:1/announce, udp://two.example:1/announce]
  - name: b
    trackers: [udp://one.example:1/announce]
    sources: [{ url: "https://lists.example/all.txt" }]
`

describe('config check', () => {
  it('counts groups and trackers, and warns on stderr', async () => {
    const file = configOf(GROUPS)
    const { code, stdout, stderr } = await run(['config', 'check', '--config', file])
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual([
      `${file}: ok, 2 groups, 2 trackers, 1 list on the web`,
      'metrics: about 82 series of these trackers (metrics.per_tracker: full), and those of the lists on the web',
      '',
    ])
    expect(stderr).toBe('warning: group "b": udp://one.example:1/announce is left out, it is in group "a" already\n')
  })

  it('says every problem at once, one per line with its place, and ends with 2', async () => {
    const file = configOf(`${GROUPS}listen: nowhere\nsurprise: 1\n`)
    const { code, stdout, stderr } = await run(['config', 'check', '--config', file])
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(new RegExp(`^${file}:7:9: listen: "nowhere"`)),
      expect.stringMatching(new RegExp(`^${file}:8:\\d+: .*surprise`)),
    ])
  })

  it('reads variables from its own environment', async () => {
    const file = configOf(`${GROUPS}listen: "\${WHERE}"\n`)
    expect((await run(['config', 'check', '--config', file])).code).toBe(2)
    expect((await run(['config', 'check', '--config', file], { env: { WHERE: '127.0.0.1:0' } })).code).toBe(0)
  })

  it('says where it looked for the default', async () => {
    const folder = directory()
    const { code, stderr } = await finished(start(['config', 'check'], { cwd: folder }))
    expect(code).toBe(2)
    expect(stderr).toMatch(/config\/trackerwatch\.yaml does not exist, expected it or --config FILE\n$/)
  })
})

describe('config print', () => {
  it('shows the defaults and hides secrets', async () => {
    const file = configOf(
      'groups:\n  - name: a\n    trackers: ["http://t.example/announce?passkey=0123456789abcdef0123"]\n',
    )
    const { code, stdout } = await run(['config', 'print', '--config', file])
    expect(code).toBe(0)
    expect(stdout).toContain('concurrency: 200')
    expect(stdout).toContain('passkey=***')
    expect(stdout).not.toContain('0123456789abcdef0123')
  })
})

describe('config schema', () => {
  it('prints a JSON Schema', async () => {
    const { code, stdout } = await run(['config', 'schema'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', required: expect.arrayContaining(['groups']) })
  })
})
