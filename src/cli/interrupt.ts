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

/**
 * Runs `work` with a signal that aborts with `Stopped` at Ctrl-C, and once stdout takes no more results. A second
 * Ctrl-C ends the process at once.
 */
export async function interruptible<T>(io: Io, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const onInterrupt = () => controller.abort(new Stopped(exitCodes.interrupted))
  const onOutputError = (error: NodeJS.ErrnoException) =>
    controller.abort(new Stopped(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failure))
  process.once('SIGINT', onInterrupt)
  io.stdout.once('error', onOutputError)
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', onInterrupt)
    io.stdout.off('error', onOutputError)
  }
}
