import { Worker } from 'node:worker_threads'
import { StoreError } from '../errors.js'
import type { Answer, Job, TaskName, Tasks } from './thread-worker.js'

/**
 * Does a task in a thread of its own, for reading or writing a whole database would hold up the event loop. Resolves
 * once the thread has ended and its connections are closed; `signal` ends it early. The driver is loaded in the main
 * thread too, by our importers: a thread that alone had loaded it would take the process with it when it is ended.
 * @throws {StoreError} that the task threw, or `signal.reason`
 */
export async function inThread<Name extends TaskName>(
  name: Name,
  input: Parameters<Tasks[Name]>[0],
  signal?: AbortSignal,
): Promise<Awaited<ReturnType<Tasks[Name]>>> {
  signal?.throwIfAborted()
  const job: Job = { name, input }
  const worker = new Worker(workerFile(), { workerData: job })
  const end = () => void worker.terminate()
  signal?.addEventListener('abort', end)
  try {
    const answer = await answerOf(worker)
    if (answer === null) signal?.throwIfAborted()
    if (answer === null) throw new Error(`the thread of ${name} ended without an answer`)
    if ('refusal' in answer) throw new StoreError(answer.refusal)
    return answer.value as Awaited<ReturnType<Tasks[Name]>>
  } finally {
    signal?.removeEventListener('abort', end)
  }
}

/** Compiled, for a thread runs nothing else; three levels below the package root, from `src` as from `dist`. */
function workerFile(): URL {
  return new URL('../../../dist/store/sqlite/thread-worker.js', import.meta.url)
}

function answerOf(worker: Worker): Promise<Answer | null> {
  return new Promise((resolve, reject) => {
    let answer: Answer | null = null
    worker.once('message', (message: Answer) => {
      answer = message
    })
    worker.once('error', reject)
    worker.once('exit', () => resolve(answer))
  })
}
