import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Starts a program of this folder in a process of its own. */
export function start(program: string): ChildProcess {
  return fork(fileURLToPath(new URL(`${program}.js`, import.meta.url)))
}

/** Its next message, which answers this one. */
export function askChild<Task, Reply>(child: ChildProcess, task: Task): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void =>
      reject(new Error(`bench process ended with ${code} before it replied`))
    child.once('exit', onExit)
    child.once('message', (reply) => {
      child.off('exit', onExit)
      resolve(reply as Reply)
    })
    child.send(task as object)
  })
}
