import { parentPort, workerData } from 'node:worker_threads'
import { StoreError } from '../errors.js'
import { copyDatabase, sealCopy } from './copy.js'
import { migrateFile } from './migrate-file.js'
import { tidyFile } from './tidy-file.js'

/*
 * A thread: does the one task that it was started with, posts the answer and ends. See `inThread`.
 */

export type TaskName = keyof Tasks
export type Tasks = typeof tasks

/** What a thread is started with. */
export interface Job {
  readonly name: TaskName
  readonly input: unknown
}

/** A `StoreError` does not survive the way between threads, its sentence does. A bug comes as the thread's error. */
export type Answer = { readonly value: unknown } | { readonly refusal: string }

const tasks = { copy: copyDatabase, seal: sealCopy, migrate: migrateFile, tidy: tidyFile }

async function answer({ name, input }: Job): Promise<Answer> {
  const task: (input: never) => unknown = tasks[name]
  try {
    return { value: await task(input as never) }
  } catch (error) {
    if (error instanceof StoreError) return { refusal: error.message }
    throw error
  }
}

parentPort?.postMessage(await answer(workerData))
