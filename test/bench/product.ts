/** `checkTrackers` as a user's program calls it. */
import { checkTrackers } from '../../dist/index.js'
import { measured } from './measure.js'

export interface ProductTask {
  readonly urls: readonly string[]
  readonly concurrency: number
  readonly timeoutMs: number
  readonly dnsServers?: readonly string[]
  readonly startsPerSecond?: { readonly tcp: number }
}

process.once('message', async ({ urls, ...options }: ProductTask) => {
  const { value, ...cost } = await measured(() => checkTrackers(urls, { ...options, allowPrivate: true }))
  const verdicts = [...value].map(([url, { outcome }]) => [
    url,
    outcome.kind === 'failed' ? outcome.code : outcome.kind,
  ])
  process.send?.({ ...cost, value: verdicts }, () => process.disconnect())
})
