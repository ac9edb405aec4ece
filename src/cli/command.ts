import type { Command } from 'commander'
import type { Io } from './io.js'

/** Runs the work of the command that was asked for; it resolves with the exit code. */
export type Run = (work: (io: Io) => Promise<number>) => Promise<void>

/** Gives a command its arguments, flags, help and action. */
export type Define = (command: Command, run: Run) => void

/** 0 all well, 1 a tracker is not (or gives no answer), 2 usage or configuration, 3 our own failure; else a signal. */
export const exitCodes = { ok: 0, notAlive: 1, usage: 2, failure: 3, interrupted: 130, terminated: 143 } as const
