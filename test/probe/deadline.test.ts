import { createSocket } from 'node:dgram'
import { getEventListeners, once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DeadlineError, linkSignal, orAborted, withDeadline } from '../../src/probe/deadline.js'
import { block } from '../support/block.js'

/** Work that ends only by its signal. */
function untilAborted(signal: Parameters<Parameters<typeof withDeadline>[2]>[0]): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

describe('a deadline', () => {
  it('ends work that takes too long, and says after how long', async () => {
    const failing = withDeadline(5, undefined, untilAborted)
    await expect(failing).rejects.toBeInstanceOf(DeadlineError)
    await expect(failing).rejects.toMatchObject({ timeoutMs: 5, message: 'no result within 5 ms' })
  })

  it('hands over what work in time returns or throws', async () => {
    expect(await withDeadline(60_000, undefined, async () => 'done')).toBe('done')
    const error = new Error('own')
    await expect(withDeadline(60_000, undefined, () => Promise.reject(error))).rejects.toBe(error)
  })

  it('that is late comes after what arrived in time', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    onTestFinished(() => void socket.close())
    await once(socket, 'listening')
    const { port } = socket.address()
    const sent = new Promise((resolve) => socket.send('in time', port, '127.0.0.1', resolve))
    const reading = withDeadline(30, undefined, (signal) => orAborted(once(socket, 'message'), signal))
    await sent
    block(100)
    expect(String((await reading)[0])).toBe('in time')
  })

  it('ends work with the reason of the one above', async () => {
    const above = new AbortController()
    const working = withDeadline(60_000, above.signal, untilAborted)
    above.abort('stop')
    await expect(working).rejects.toBe('stop')
  })

  it('does not begin below an aborted one', async () => {
    let begun = false
    const work = async (): Promise<void> => {
      begun = true
    }
    await expect(withDeadline(60_000, AbortSignal.abort('stop'), work)).rejects.toBe('stop')
    expect(begun).toBe(false)
  })

  it('leaves no listener behind', async () => {
    const above = new AbortController()
    await withDeadline(60_000, above.signal, async () => 'done')
    await withDeadline(1, above.signal, untilAborted).catch(() => {})
    expect(getEventListeners(above.signal, 'abort')).toEqual([])
  })

  it('aborts once, and whoever asks later is told', async () => {
    const signals: { aborted: boolean; reason: unknown }[] = []
    const above = new AbortController()
    let calls = 0
    await withDeadline(1, above.signal, (signal) => {
      signals.push(signal)
      signal.addEventListener('abort', () => {
        calls++
      })
      return untilAborted(signal)
    }).catch(() => {})
    above.abort('later')
    expect(calls).toBe(1)
    expect(signals[0]).toMatchObject({ aborted: true, reason: expect.any(DeadlineError) })
  })
})

describe('a linked signal', () => {
  it('follows the one above until it is unlinked', () => {
    const above = new AbortController()
    const followed = linkSignal(above.signal)
    const unlinked = linkSignal(above.signal)
    unlinked.unlink()
    expect(getEventListeners(above.signal, 'abort').length).toBe(1)
    above.abort('stop')
    expect(followed.signal).toMatchObject({ aborted: true, reason: 'stop' })
    expect(unlinked.signal.aborted).toBe(false)
    expect(() => followed.signal.throwIfAborted()).toThrow('stop')
  })

  it('of an aborted one is aborted', () => {
    expect(linkSignal(AbortSignal.abort('stop')).signal).toMatchObject({ aborted: true, reason: 'stop' })
  })
})

describe('waiting for a promise or an abort', () => {
  it('ends with whichever comes first, without a listener left', async () => {
    const stopping = new AbortController()
    expect(await orAborted(Promise.resolve('done'), stopping.signal)).toBe('done')
    await expect(orAborted(Promise.reject(new Error('own')), stopping.signal)).rejects.toThrow('own')
    expect(getEventListeners(stopping.signal, 'abort')).toEqual([])
    const waiting = orAborted(new Promise(() => {}), stopping.signal)
    stopping.abort('stop')
    await expect(waiting).rejects.toBe('stop')
    await expect(orAborted(Promise.resolve('done'), stopping.signal)).rejects.toBe('stop')
  })

  it('does not care for a promise that fails afterwards', async () => {
    let fail = (_: Error): void => {}
    const promise = new Promise((_, reject) => {
      fail = reject
    })
    const stopping = new AbortController()
    const waiting = orAborted(promise, stopping.signal)
    stopping.abort('stop')
    await expect(waiting).rejects.toBe('stop')
    // An unhandled rejection would fail the whole run.
    fail(new Error('late'))
  })
})
