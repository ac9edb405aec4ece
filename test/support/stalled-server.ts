import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'

/**
 * A server that nobody can connect to: its process stands still, and the two connections that the kernel accepts in
 * its place (a backlog of 1 holds 2) are taken.
 */
export async function startStalled(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const script = `const server = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.send(server.address().port))`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [port] = await once(child, 'message')
  child.kill('SIGSTOP')
  const taken = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  await Promise.all(taken.map((socket) => once(socket, 'connect')))
  const stop = async (): Promise<void> => {
    for (const socket of taken) socket.destroy()
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { url: `http://127.0.0.1:${port}/announce`, stop }
}
