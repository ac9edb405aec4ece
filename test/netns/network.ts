import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isInstalled } from '../deploy/programs.js'
import { execute } from '../e2e/program.js'

/** Why networks of our own cannot be made here; null where they can. */
export const obstacle: string | null = findObstacle()

/** The title of a suite that needs them, with the reason where it is skipped. */
export function titleFor(title: string): string {
  return obstacle === null ? title : `${title} (skipped: ${obstacle})`
}

/**
 * Runs one of our scripts in a network namespace of its own, set up by the given shell commands: no packet of it can
 * reach the machine's network. It has to end by itself. What it prints is JSON.
 */
export async function inNetwork<T>(setup: readonly string[], script: string, task: unknown = null): Promise<T> {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const inside = [...setup, 'exec "$@"'].join(' && ')
  const node = [process.execPath, '--import', 'tsx', file, JSON.stringify(task)]
  const { code, stdout, stderr } = await execute('unshare', ['-n', '-m', 'sh', '-c', inside, 'sh', ...node])
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout)
}

/** One datagram in ten is lost on its way in, whichever way it goes: those of both sides pass through here. */
export const LOSE_TENTH = 'iptables -A INPUT -p udp -m statistic --mode random --probability 0.1 -j DROP'

/** Whether the kernel can lose datagrams by chance. */
export function canLose(): boolean {
  return obstacle === null && spawnSync('unshare', ['-n', 'sh', '-c', LOSE_TENTH]).status === 0
}

/** As many firewalls do with ports that they close. Without a default route the kernel would be asked first. */
export const REJECT =
  'ip -6 route add default dev lo && ip6tables -A INPUT ! -p ipv6-icmp -d 2001:db8::9 -j REJECT --reject-with icmp6-adm-prohibited'

/** Whether the kernel can refuse packets so. */
export function canReject(): boolean {
  return obstacle === null && spawnSync('unshare', ['-n', 'sh', '-c', `ip link set lo up && ${REJECT}`]).status === 0
}

function findObstacle(): string | null {
  const missing = ['unshare', 'ip'].find((program) => !isInstalled(program))
  if (missing !== undefined) return `${missing} is not installed`
  const made = spawnSync('unshare', ['-n', '-m', 'ip', 'link', 'set', 'lo', 'up'])
  return made.status === 0 ? null : 'no network namespace can be made, which takes root on Linux'
}
