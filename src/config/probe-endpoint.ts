import { z } from 'zod'
import { parseTargetPattern } from '../tracker/target-pattern.js'
import { GROUP_NAME, text, whole } from './fields.js'
import { ownPolicy } from './policy-fields.js'

/** What a module may accept. A skipped check has learned nothing, which is no success whatever was hoped for. */
const acceptable = ['ok', 'rejected', 'failed'] as const
const MAX_MODULES = 100
const MAX_PATTERNS = 1000

const module = z
  .strictObject({
    ...ownPolicy,
    timeout: ownPolicy.timeout.describe('Time for the whole check, instead of `probe.timeout`.'),
    allow_private: z.boolean().default(false).describe('Probe loopback and private addresses, whatever groups say.'),
    headers: ownPolicy.headers.describe('Headers over HTTP and WebSocket; without it none, whatever `probe` says.'),
    accept: z
      .array(z.enum(acceptable))
      .min(1)
      .default(['ok'])
      .describe('Outcomes that are a success: `ok`, `rejected`, `failed`.'),
  })
  .describe('How a target is checked that is asked for with `module=NAME`.')

const modules = z.record(z.string(), module).superRefine((value, context) => {
  const names = Object.keys(value)
  if (names.length > MAX_MODULES) {
    context.addIssue({ code: 'custom', message: `${names.length} modules, expected at most ${MAX_MODULES}` })
  }
  for (const name of names.filter((one) => !GROUP_NAME.test(one))) {
    const message = 'no name of a module, expected letters, digits, ".", "-", "_", at most 63'
    context.addIssue({ code: 'custom', path: [name], message })
  }
})

/** Checks on request, `/probe`. */
export const probeEndpoint = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Whether `/probe` checks a tracker for whoever asks.'),
    targets: z
      .union([z.enum(['watched', 'any']), z.array(text(patternProblem)).min(1).max(MAX_PATTERNS)], {
        error: 'expected watched, any or a list of patterns such as "udp://*.example.org:6969/announce"',
      })
      .default('watched')
      .describe('Which trackers may be probed: `watched`, `any`, or a list of patterns `scheme://host:port/path`.'),
    concurrency: whole(1, 1000, 'Checks under way at once for `/probe`; more are refused.').default(50),
    modules: modules.default({}).describe('Ways to check, by name; `default` is there by itself.'),
  })
  .prefault({})
  .describe('Checks on request, the way of Prometheus exporters for many targets.')

function patternProblem(value: string): string | null {
  const pattern = parseTargetPattern(value)
  return typeof pattern === 'string' ? pattern : null
}
