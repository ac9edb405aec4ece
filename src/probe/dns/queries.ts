import type { Resolver } from 'node:dns'
import { isAnswer, ResolveError, resolveError } from './resolve-error.js'

/** Single questions to the name servers. They reject with a `ResolveError`. */

export interface AddressAnswer {
  /** 1 or more. */
  readonly addresses: readonly string[]
  readonly ttlS: number
}

export function askAddresses(channel: Resolver, host: string, family: 4 | 6): Promise<AddressAnswer> {
  return new Promise((resolve, reject) => {
    const done = (error: NodeJS.ErrnoException | null, records: readonly { address: string; ttl: number }[]): void => {
      if (error !== null) {
        reject(resolveError(error, host, `IPv${family} address`))
        return
      }
      const ttlS = Math.min(...records.map((record) => record.ttl))
      resolve({ addresses: records.map((record) => record.address), ttlS })
    }
    if (family === 4) channel.resolve4(host, { ttl: true }, done)
    else channel.resolve6(host, { ttl: true }, done)
  })
}

export function askTexts(channel: Resolver, host: string): Promise<readonly (readonly string[])[]> {
  return new Promise((resolve, reject) => {
    channel.resolveTxt(host, (error, records) => {
      if (error === null) resolve(records)
      else reject(resolveError(error, host, 'TXT record'))
    })
  })
}

/** Rejects where nobody answers; that there is no such record is an answer. */
export function askRoot(channel: Resolver): Promise<unknown> {
  const question = new Promise((resolve, reject) => {
    channel.resolveSoa('.', (error, record) => {
      if (error === null) resolve(record)
      else reject(resolveError(error, 'the root', 'SOA record'))
    })
  })
  return orAnswered(question)
}

/** Resolves also where the answer to a question is that there is none. */
export async function orAnswered(question: Promise<unknown>): Promise<unknown> {
  try {
    return await question
  } catch (error) {
    if (error instanceof ResolveError && isAnswer(error)) return null
    throw error
  }
}
