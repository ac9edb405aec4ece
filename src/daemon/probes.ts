import type { Config, ProbeEndpointConfig, ProbeModule } from '../config/config.js'
import type { Probed, ProbeRequest, ProbeRules, Probes } from '../http/probes.js'
import { matchesTarget } from '../tracker/target-pattern.js'
import type { Checker, OwnTerms } from './plan.js'

export interface ProbesOptions {
  readonly config: () => Pick<Config, 'probeEndpoint'>
  readonly checker: Pick<Checker, 'checkOnce'>
}

/** Checks of `/probe`, beside those of the rounds: in their pace and their turns, but of a number of their own. */
export interface ProbeDesk extends Probes {
  /** Aborts what is under way and takes no more. Idempotent. */
  readonly stop: () => void
}

export function createProbes({ config, checker }: ProbesOptions): ProbeDesk {
  const underWay = new Set<AbortController>()
  let isStopped = false
  return {
    rules: () => rulesOf(config().probeEndpoint),
    probe: async (request) => {
      const { modules, concurrency } = config().probeEndpoint
      const module = modules.get(request.module)
      // It went with a reload after the request had been read.
      if (module === undefined || isStopped || request.signal.aborted) return 'aborted'
      if (underWay.size >= concurrency) return 'busy'
      const ending = new AbortController()
      const end = (): void => ending.abort()
      underWay.add(ending)
      request.signal.addEventListener('abort', end, { once: true })
      try {
        return await probeBy(module, request, checker, ending.signal)
      } catch (error) {
        if (ending.signal.aborted) return 'aborted'
        throw error
      } finally {
        request.signal.removeEventListener('abort', end)
        underWay.delete(ending)
      }
    },
    stop: () => {
      isStopped = true
      for (const ending of underWay) ending.abort()
    },
  }
}

function rulesOf({ enabled, targets, modules }: ProbeEndpointConfig): ProbeRules | null {
  if (!enabled) return null
  const names = [...modules.keys()]
  switch (targets) {
    case 'watched':
      return { modules: names, targets }
    case 'any':
      return { modules: names, targets: () => true }
    default:
      return { modules: names, targets: (tracker) => targets.some((pattern) => matchesTarget(tracker, pattern)) }
  }
}

async function probeBy(
  { accept, timeoutMs, ...module }: ProbeModule,
  { tracker, withinMs, debug }: Pick<ProbeRequest, 'tracker' | 'withinMs' | 'debug'>,
  checker: ProbesOptions['checker'],
  signal: AbortSignal,
): Promise<Probed> {
  const text = debug ? (await import('./probe-text.js')).createProbeText(tracker, module.headers) : null
  const terms: OwnTerms = {
    ...module,
    aliveWhen: accept.includes('rejected') ? 'response' : 'announce',
    withinMs: Math.min(timeoutMs, withinMs ?? timeoutMs),
    ...(text === null ? {} : { onTrace: text.onTrace }),
  }
  const beganMs = performance.now()
  const result = await checker.checkOnce(tracker, terms, signal)
  return {
    result,
    success: accept.includes(result.outcome.kind),
    durationMs: performance.now() - beganMs,
    aliveWhen: terms.aliveWhen,
    text: text?.render(result, terms, accept) ?? null,
  }
}
