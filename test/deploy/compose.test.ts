import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { healthCheckOf, parseDockerfile } from './dockerfile.js'
import { root, run } from './programs.js'

const condition = z.strictObject({ condition: z.enum(['service_healthy', 'service_started']) })
const service = z.strictObject({
  image: z.string(),
  build: z.string().optional(),
  user: z.string(),
  restart: z.literal('unless-stopped'),
  stop_grace_period: z.string().optional(),
  depends_on: z.record(z.string(), condition).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  mem_limit: z.string(),
  cpus: z.number(),
  pids_limit: z.number().optional(),
  healthcheck: z.strictObject({
    test: z.tuple([z.literal('CMD')], z.string()),
    interval: z.string(),
    timeout: z.string(),
    start_period: z.string(),
    retries: z.number(),
  }),
})
const compose = z
  .strictObject({
    name: z.string(),
    services: z.record(z.string(), service),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8')))

const services = Object.entries(compose.services).map(([name, definition]) => ({ name, ...definition }))

function splitMount(mount: string): { source: string; target: string; mode: string } {
  const [source = '', target = '', mode = ''] = mount.split(':')
  return { source, target, mode }
}

function serviceNamed(name: string): z.infer<typeof service> {
  const found = compose.services[name]
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`)
  return found
}

/** How Compose is called here, and whether it is of version 1, which knows no `name`; null where there is none. */
function findCompose(): { readonly command: readonly [string, ...string[]]; readonly isOld: boolean } | null {
  for (const command of [['docker', 'compose'], ['docker-compose']] as const) {
    const [program, ...args] = command
    const { status, output } = run(program, [...args, 'version', '--short'])
    if (status === 0) return { command, isOld: /^v?1\./m.test(output) }
  }
  return null
}

const installed = findCompose()

describe('docker-compose.yml', () => {
  it('starts the whole stack', () => {
    expect(services.map(({ name }) => name)).toEqual(['trackerwatch', 'prometheus', 'alertmanager', 'grafana'])
  })

  it('waits only for services that it has', () => {
    for (const { depends_on } of services) {
      for (const name of Object.keys(depends_on ?? {})) serviceNamed(name)
    }
  })

  it('declares the named volumes that it mounts, each used once', () => {
    const sources = services.flatMap(({ volumes }) => volumes.map((mount) => splitMount(mount).source))
    const named = sources.filter((source) => !source.startsWith('.'))
    expect(named.sort()).toEqual(Object.keys(compose.volumes).sort())
  })

  it.skipIf(installed === null)(
    `is what Docker Compose reads${installed === null ? ' (skipped: docker compose is not installed)' : ''}`,
    () => {
      const { command, isOld } = installed ?? { command: ['docker-compose'], isOld: false }
      const [program, ...args] = command
      const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8')
      const read = isOld ? text.replace(/^name: .*$/m, '') : text
      const { status, output } = run(program, [...args, '-f', '-', 'config', '--quiet'], read)
      expect(status, output).toBe(0)
    },
  )

  it('has no password but that of the environment, and says what it is otherwise', () => {
    const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8')
    const passwords = services.flatMap(({ environment }) =>
      Object.entries(environment ?? {}).filter(([name]) => /PASSWORD|SECRET|TOKEN/.test(name)),
    )
    expect(passwords).toEqual([['GF_SECURITY_ADMIN_PASSWORD', '$' + '{GRAFANA_PASSWORD:-trackerwatch}']])
    expect(text).toMatch(/^#.* admin with GRAFANA_PASSWORD \(trackerwatch\)$/m)
  })
})

describe.each(services)('service $name', ({ image, user, ports, volumes, tmpfs, read_only }) => {
  it('runs an exact version', () => {
    expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+$/)
  })

  it('does not run as root', () => {
    expect(user).toMatch(/^(?:node|nobody|[1-9]\d*)$/)
  })

  it('can be reached from this machine alone', () => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/)
  })

  it('mounts folders of the project that exist, for reading', () => {
    const mounts = volumes.map(splitMount).filter(({ source }) => source.startsWith('.'))
    for (const { source, mode } of mounts) {
      expect(existsSync(join(root, source)), source).toBe(true)
      expect(source, 'a mounted file goes stale when an editor replaces it').not.toMatch(/\.\w+$/)
      expect(mode).toBe('ro')
    }
  })

  it('writes to volumes and memory only, where its root is read-only', () => {
    if (read_only !== true) return
    const writable = volumes.map(splitMount).filter(({ mode }) => mode !== 'ro')
    expect(writable.length).toBe(1)
    for (const folder of tmpfs ?? []) expect(folder).toBe('/tmp')
  })
})

describe('service trackerwatch', () => {
  const { image, healthcheck, stop_grace_period, read_only, volumes } = serviceNamed('trackerwatch')
  const dockerfile = parseDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'))

  it('has the version of the package', () => {
    const manifest = z.object({ version: z.string() })
    const { version } = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
    expect(image).toBe(`trackerwatch:${version}`)
  })

  it('is asked for its health as the image itself asks', () => {
    expect(healthcheck.test).toEqual(['CMD', ...healthCheckOf(dockerfile)])
  })

  it('has the time that a clean stop may take, and a root nobody can write', () => {
    expect(stop_grace_period).toBe('30s')
    expect(read_only).toBe(true)
  })

  it('keeps its data in a volume where the image has its own', () => {
    expect(volumes.map((mount) => splitMount(mount).target)).toEqual(['/app/config', '/app/data'])
    expect(dockerfile.at(-1)?.instructions).toContainEqual({ name: 'VOLUME', value: '/app/data' })
  })
})

describe('what the other services mount', () => {
  it('is where their commands and settings look for it', () => {
    const read = (file: string) => parse(readFileSync(join(root, file), 'utf8'))
    const target = (name: string, source: string) =>
      serviceNamed(name)
        .volumes.map(splitMount)
        .find((mount) => mount.source === source)?.target
    expect(serviceNamed('prometheus').command).toContain(
      `--config.file=${target('prometheus', './config/prometheus')}/prometheus.yml`,
    )
    expect(serviceNamed('prometheus').command).toContain(
      `--storage.tsdb.path=${target('prometheus', 'prometheus-data')}`,
    )
    expect(serviceNamed('alertmanager').command).toContain(
      `--config.file=${target('alertmanager', './config/alertmanager')}/alertmanager.yml`,
    )
    const dashboards = target('grafana', './config/grafana/dashboards')
    const [provider] = read('config/grafana/provisioning/dashboards/trackerwatch.yml').providers
    expect(provider.options.path).toBe(dashboards)
    expect(serviceNamed('grafana').environment?.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH).toBe(
      `${dashboards}/overview.json`,
    )
    expect(read('config/prometheus/prometheus.yml').scrape_configs[0].static_configs).toEqual([
      { targets: ['trackerwatch:10069'] },
    ])
  })
})
