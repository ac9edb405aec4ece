import { Resolver, type ResolverOptions } from 'node:dns'
import { ResolveError } from './resolve-error.js'

/** Where the questions of one resolver go. */
export interface DnsChannels {
  /** Asks by the channel for this time of asking: 0 is the first. */
  ask<T>(round: number, query: (channel: Resolver) => Promise<T>): Promise<T>
  /**
   * Turns to the name servers that the system has now, which c-ares looks at only when a channel is opened. False where
   * they are the same, or were given.
   */
  renew(): boolean
  /** The questions under way fail. */
  cancel(): void
}

/**
 * c-ares knows better than its `timeout`: from three answers on it waits five times as long as those took, 250 ms at
 * least, and opens another socket for the next try. A name that takes 2 s among fast ones would never be answered. So
 * each name is asked the second time by a channel that has not yet had the answers to become so impatient.
 */
const MAX_ANSWERS = 2
/** The shortest time between two looks at the name servers of the system, ms. */
const RENEW_MS = 1000

export function openChannels(servers: readonly string[] | undefined, timeoutMs: number): DnsChannels {
  const openQuick = () => openChannel(servers, { timeout: Math.ceil(timeoutMs / 2), tries: 2 })
  let quick = openQuick()
  let known = quick.getServers().join()
  let lookedMs = performance.now()
  const openPatient = () => ({ channel: openChannel(servers, { timeout: timeoutMs, tries: 1 }), answers: 0, open: 0 })
  let patient = openPatient()
  const retired = new Set<typeof patient>()
  /** Before the last change; questions may still be under way there. */
  let former: readonly Resolver[] = []

  const askPatiently = async <T>(query: (channel: Resolver) => Promise<T>): Promise<T> => {
    const mine = patient
    mine.open++
    let isAnswered = true
    try {
      return await query(mine.channel)
    } catch (error) {
      isAnswered = !(error instanceof ResolveError && error.code === 'dns.timeout')
      throw error
    } finally {
      mine.open--
      if (isAnswered) mine.answers++
      if (mine === patient && mine.answers >= MAX_ANSWERS) {
        retired.add(mine)
        patient = openPatient()
      }
      if (mine.open === 0) retired.delete(mine)
    }
  }

  return {
    ask: (round, query) => (round === 1 ? askPatiently(query) : query(quick)),
    renew: () => {
      const isGiven = servers !== undefined && servers.length > 0
      if (isGiven || performance.now() - lookedMs < RENEW_MS) return false
      lookedMs = performance.now()
      const now = new Resolver().getServers().join()
      if (now === known) return false
      known = now
      former = [quick, patient.channel]
      quick = openQuick()
      patient = openPatient()
      return true
    },
    cancel: () => {
      for (const channel of former) channel.cancel()
      for (const { channel } of [{ channel: quick }, patient, ...retired]) channel.cancel()
    },
  }
}

/** A channel to the servers given, or those of the system. */
export function openChannel(servers: readonly string[] = [], options: ResolverOptions): Resolver {
  const channel = new Resolver(options)
  if (servers.length > 0) channel.setServers(servers)
  return channel
}
