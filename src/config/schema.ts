import { z } from 'zod'
import {
  aliveWhens,
  bep34Modes,
  intervalFloors,
  logLevels,
  metricDetails,
  redirectModes,
  tlsModes,
} from '../tracker/policy.js'
import { uptimeWindows } from '../tracker/state.js'
import { aliases, cron, duration, GROUP_NAME, headers, text, userAgent, whole } from './fields.js'
import { pauses } from './pauses.js'
import { family, MAX_REFERENCES, ownPolicy, referenceInfoHashes } from './policy-fields.js'
import { probeEndpoint } from './probe-endpoint.js'
import { neverOrScheduleProblem } from './schedule.js'
import { submissions, token } from './submissions.js'
import { subsystems } from './subsystems.js'
import {
  dnsServerProblem,
  httpProblem,
  listenProblem,
  publicUrlProblem,
  storeProblem,
  trackerProblem,
  witnessProblem,
} from './values.js'

/**
 * Every key of the configuration, as it is written in YAML: its meaning, unit, range and default. Unknown keys are
 * refused. What the program works with is `Config`, see `config.ts`.
 */

const filePath = z.string().min(1)
const startRate = z.int().min(1).max(1_000_000)

const source = z
  .strictObject({
    url: text(httpProblem).describe('Address of a list of announce URLs, http or https.'),
    refresh: duration('1m', '365d', 'How often the list is fetched.').default('24h'),
  })
  .describe('A list on the web. A fetch that fails keeps the last good copy.')

const group = z
  .strictObject({
    name: z
      .string()
      .regex(GROUP_NAME, {
        error: ({ input }) => `"${String(input)}", expected letters, digits, ".", "-", "_", at most 63`,
      })
      .describe('Name of the group, used as a metric label. Letters, digits, dot, dash, underscore; at most 63.'),
    trackers: z.array(text(trackerProblem)).default([]).describe('Announce URLs.'),
    file: filePath.optional().describe('File with one announce URL per line, relative to this configuration.'),
    sources: z.array(source).default([]).describe('Lists on the web that are fetched regularly.'),
    aliases: aliases
      .default({})
      .describe('Old announce URLs of trackers, by the URL that is watched now: their history goes on under it.'),
    alive_when: z
      .enum(aliveWhens)
      .default('announce')
      .describe('`announce`: alive means it serves an announce. `response`: a refusal counts too (private trackers).'),
    schedule: cron('Cron beat of this group, instead of the common one.').optional(),
    ...ownPolicy,
    interval_floor: z.enum(intervalFloors).exactOptional().describe('Instead of `probe.interval_floor`.'),
  })
  .describe('Trackers that are checked and judged alike.')

const probe = z
  .strictObject({
    timeout: duration('10ms', '5m', 'Time for one probe of one address, retries included.').default('10s'),
    attempts: whole(1, 8, 'Sends per exchange over UDP, spread over the timeout.').default(3),
    concurrency: whole(1, 10_000, 'Checks under way at once; each holds a socket.').default(200),
    family: family.default('both').describe('Address families to probe: `both`, 4 or 6.'),
    allow_private: z.boolean().default(false).describe('Probe loopback and private addresses too.'),
    bep34: z
      .enum(bep34Modes)
      .default('obey')
      .describe(
        'Opt-outs in the DNS (BEP 34). `obey`: send nothing; `report`: probe with a flag; `ignore`: do not ask.',
      ),
    tls: z
      .enum(tlsModes)
      .default('strict')
      .describe('Certificates that clients refuse. `strict`: the probe has failed; `report`: it goes on, with a flag.'),
    redirects: z
      .enum(redirectModes)
      .default('follow')
      .describe('Redirects of HTTP trackers. `follow`: up to 5, with a flag; `report`: the probe has failed.'),
    user_agent: userAgent
      .default('trackerwatch/{version}')
      .describe('User agent of HTTP and WebSocket probes; `{version}` is replaced. Printable ASCII, at most 256.'),
    headers: headers
      .default({})
      .describe('More headers of HTTP and WebSocket probes, by name, at most 10. To the origin of the tracker alone.'),
    reference_info_hashes: referenceInfoHashes
      .default([])
      .describe(`Torrents that nobody has, announced as well: peers of them are made up. At most ${MAX_REFERENCES}.`),
    keeps_peers: z
      .boolean()
      .default(false)
      .describe('Announce as a second peer too, and see whether the tracker names the first.'),
    interval_floor: z
      .enum(intervalFloors)
      .default('min_interval')
      .describe(
        'What holds the next check of a tracker back: its `min_interval`, its whole `interval`, or `none` of its wishes.',
      ),
    starts_per_second: z
      .strictObject({
        udp: startRate.default(5000).describe('Over UDP. 1 to 1000000.'),
        tcp: startRate.default(1000).describe('Over TCP: `http` and `ws`. 1 to 1000000.'),
        tls: startRate.default(200).describe('Over TLS: `https` and `wss`. 1 to 1000000.'),
      })
      .prefault({})
      .describe('The most checks that start in one second, so that a burst does not measure itself.'),
    dns: z
      .strictObject({
        servers: z
          .array(text(dnsServerProblem))
          .max(16)
          .default([])
          .describe('Name servers to ask, as `address` or `address:port`. Empty: the system resolver.'),
      })
      .prefault({})
      .describe('Name resolution.'),
  })
  .describe('How a tracker is probed.')

const health = z
  .strictObject({
    down_after: whole(1, 100, 'Failed checks in a row before a tracker is called down.').default(2),
    up_after: whole(1, 100, 'Good checks in a row before a tracker is called up again.').default(1),
    recheck: duration('1s', '1d', 'How soon a tracker is checked again while its status is in doubt.').default('60s'),
  })
  .describe('How checks become a status.')

const lists = z
  .strictObject({
    directory: filePath.default('data/lists').describe('Where list files are written, from the working directory.'),
    stable: z
      .strictObject({
        min_uptime: z.number().min(0).max(1).default(0.95).describe('Least uptime, a ratio from 0 to 1.'),
        window: z.enum(windowNames()).default('30d').describe('The window over which uptime is taken.'),
        min_age: duration('0s', '3650d', 'How long a tracker must have been watched.').default('10d'),
        margin: z
          .number()
          .min(0)
          .max(1)
          .default(0.01)
          .describe('How far below `min_uptime` a tracker on the list may fall before it leaves, a ratio from 0 to 1.'),
        grace: duration('0s', '1d', 'How long a tracker on the list, or on `best`, may be not alive.').default('15m'),
      })
      .prefault({})
      .describe('What belongs on the list `stable`.'),
    best: z
      .strictObject({ limit: whole(1, 10_000, 'Entries on the list.').default(20) })
      .prefault({})
      .describe('The list `best`: trackers alive now, those of `stable` first, then by uptime and latency.'),
  })
  .describe('The lists of trackers that are exported.')

export const settingsSchema = z.strictObject({
  schedule: cron('Cron beat of a round (5 fields, or 6 with seconds), local time.').default('*/10 * * * *'),
  round: z
    .strictObject({
      spread: duration('0s', '1d', 'Time over which the first probes of one round are spread.').default('60s'),
    })
    .prefault({})
    .describe('How a round runs.'),
  listen: text(listenProblem)
    .default('127.0.0.1:10069')
    .describe('Address of pages, API and metrics: `host:port`, IPv6 in brackets. Port 0 takes a free one.'),
  public_url: text(publicUrlProblem)
    .nullable()
    .default(null)
    .describe('Where the pages are seen from outside, `https://host`, for links in feeds and for list URLs, or null.'),
  store: text(storeProblem)
    .default('sqlite:data/trackerwatch.db')
    .describe('Where history is kept: `sqlite:FILE`, FILE from the working directory.'),
  groups: z.array(group).min(1).max(1000).describe('The trackers to watch.'),
  probe: probe.prefault({}),
  health: health.prefault({}),
  pauses,
  uplink: z
    .strictObject({
      witnesses: z
        .array(text(witnessProblem))
        .max(16)
        .default([])
        .describe('Places whose answer shows that our own network works, as `address:port` over TCP. At most 16.'),
    })
    .prefault({})
    .describe('How we tell a failure of our own network from failures of trackers.'),
  retention: z
    .strictObject({
      checks: duration('1h', '3650d', 'How long single checks are kept.').default('30d'),
      hourly: duration('1d', '3650d', 'How long the sums of each hour are kept.').default('400d'),
    })
    .prefault({})
    .describe('How long history is kept. The sums of each day and status changes are kept for ever.'),
  backup: z
    .strictObject({
      schedule: text(neverOrScheduleProblem)
        .default('17 3 * * *')
        .describe('Cron beat of a backup, local time, or `never`.'),
      directory: filePath.default('data/backups').describe('Where backups are kept, from the working directory.'),
      keep: whole(1, 1000, 'Backups that are kept; older ones are deleted once there is a newer one.').default(3),
    })
    .prefault({})
    .describe('Copies of the history.'),
  lists: lists.prefault({}),
  sources: z
    .strictObject({
      directory: filePath
        .default('data/sources')
        .describe('Where the last good copies of `groups[].sources` are kept, from the working directory.'),
    })
    .prefault({})
    .describe('Copies of lists on the web.'),
  metrics: z
    .strictObject({
      per_tracker: z
        .enum(metricDetails)
        .default('full')
        .describe('Series per tracker. `full`: all; `basic`: what alerts need; `off`: none, only sums of the fleet.'),
    })
    .prefault({})
    .describe('What `/metrics` shows.'),
  probe_endpoint: probeEndpoint,
  geo: z
    .strictObject({
      country: filePath
        .nullable()
        .default(null)
        .describe('Database of countries, from the working directory, or null.'),
      network: filePath.nullable().default(null).describe('Database of networks (autonomous systems), likewise.'),
    })
    .prefault({})
    .describe('Databases of addresses in the MMDB format, for the pages. None comes with trackerwatch.'),
  token: token
    .default('')
    .describe(
      'What an operator shows to reload over HTTP and to review submissions, 16 to 256 characters. Empty: none.',
    ),
  submissions,
  log: z
    .strictObject({
      level: z.enum(logLevels).default('info').describe('The least severe level logged.'),
      levels: z
        .partialRecord(z.enum(subsystems), z.enum(logLevels))
        .default({})
        .describe('Levels of single subsystems, by name, instead of `level`.'),
      format: z
        .enum(['auto', 'json', 'pretty'])
        .default('auto')
        .describe('One JSON object per line, or text for people; auto: text on a terminal, otherwise JSON.'),
    })
    .prefault({})
    .describe('The log, on stderr.'),
})

/** A valid configuration with every default in place, keys and units as in YAML. */
export type Settings = z.output<typeof settingsSchema>
export type GroupSettings = Settings['groups'][number]
export type ModuleSettings = Settings['probe_endpoint']['modules'][string]
/** The keys that a group may set for itself instead of `probe`. */
export type PolicySettings = Pick<Settings['probe'], keyof Settings['probe'] & keyof GroupSettings>

/** The JSON Schema of the configuration file, for editors. */
export function configJsonSchema() {
  return z.toJSONSchema(settingsSchema, { io: 'input' })
}

function windowNames() {
  return Object.keys(uptimeWindows) as (keyof typeof uptimeWindows)[]
}
