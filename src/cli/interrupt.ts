import { exitCodes } from './command.js'
import type { Io } from './io.js'

/** The work was stopped from outside; nothing is wrong and nothing is left to say. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
  readonly exitCode: number
  constructor(exitCode: number) {
    super('stopped')
    this.exitCode = exitCode
  }
}

const codes = { SIGINT: exitCodes.interrupted, SIGTERM: exitCodes.terminated } as const

/**
 * Runs `work` with a signal that aborts with `Stopped` at Ctrl-C, and once stdout takes no more results. A second
 * Ctrl-C ends the process at once. Work that has something to clear away names SIGTERM too.
 */
export async function interruptible<T>(
  io: Io,
  work: (signal: AbortSignal) => Promise<T>,
  names: readonly (keyof typeof codes)[] = ['SIGINT'],
): Promise<T> {
  const controller = new AbortController()
  const listeners = names.map((name) => [name, () => end(name)] as const)
  const forget = () => {
    for (const [name, listener] of listeners) process.off(name, listener)
  }
  const end = (name: keyof typeof codes) => {
    forget()
    controller.abort(new Stopped(codes[name]))
  }
  const onOutputError = (error: NodeJS.ErrnoException) =>
    controller.abort(new Stopped(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failure))
  for (const [name, listener] of listeners) process.on(name, listener)
  io.stdout.once('error', onOutputError)
  try {
    return await work(controller.signal)
  } finally {
    forget()
    io.stdout.off('error', onOutputError)
  }
}
