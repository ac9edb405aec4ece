import { isIP } from 'node:net'
import { refuseAddress } from './address-policy.js'
import type { AbortSignalLike } from './deadline.js'
import type { NameResolver } from './dns/resolve.js'
import { ResolveError } from './dns/resolve-error.js'
import type { Trace } from './trace.js'

interface NameOptions {
  readonly resolver: NameResolver
  readonly allowPrivate: boolean
}

/** The options with a resolver that tells what it is asked and what came; the same options where nobody listens. */
export function tracedNames<T extends NameOptions>(options: T, trace: Trace | undefined): T {
  return trace === undefined ? options : { ...options, resolver: tracedResolver(options, trace) }
}

function tracedResolver({ resolver, allowPrivate }: NameOptions, trace: Trace): NameResolver {
  return {
    ...resolver,
    resolve: async (host, family, signal) => {
      if (isIP(host) !== 0) return resolver.resolve(host, family, signal)
      return resolveTraced({ resolver, allowPrivate }, { host, family, signal }, trace)
    },
    bep34: async (host) => {
      const beganMs = performance.now()
      trace({ kind: 'name_asked', host, record: 'TXT' })
      const answer = await resolver.bep34(host)
      trace({ kind: 'owner_said', host, ...answer, tookMs: performance.now() - beganMs })
      return answer
    },
  }
}

interface Question {
  readonly host: string
  readonly family: 4 | 6
  readonly signal: AbortSignalLike
}

async function resolveTraced(
  { resolver, allowPrivate }: NameOptions,
  { host, family, signal }: Question,
  trace: Trace,
): Promise<readonly string[]> {
  const beganMs = performance.now()
  const about = { host, record: family === 4 ? 'A' : 'AAAA' } as const
  trace({ kind: 'name_asked', ...about })
  try {
    const found = await resolver.resolve(host, family, signal)
    const addresses = found.map((address) => {
      return { address, refused: refuseAddress(address, allowPrivate)?.code ?? null }
    })
    trace({ kind: 'name_answered', ...about, addresses, tookMs: performance.now() - beganMs })
    return found
  } catch (error) {
    if (error instanceof ResolveError) {
      const { code, message: detail } = error
      trace({ kind: 'name_unanswered', ...about, code, detail, tookMs: performance.now() - beganMs })
    }
    throw error
  }
}
