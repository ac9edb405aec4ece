import { type Phase, type Phases, phaseNames } from '../../tracker/outcome.js'

export const phaseWords: Readonly<Record<Phase, string>> = {
  resolve: 'name',
  connect: 'connect',
  tls: 'TLS',
  send: 'send',
  processing: 'wait',
  transfer: 'receive',
  udp_connect: 'UDP connect',
  udp_announce: 'UDP announce',
  udp_scrape: 'UDP scrape',
  ws_upgrade: 'WebSocket upgrade',
  ws_reply: 'WebSocket reply',
}

/** The colour of each phase: no protocol has two of the same. */
export const phaseColours: Readonly<Record<Phase, string>> = {
  resolve: 'phase-1',
  connect: 'phase-2',
  udp_connect: 'phase-2',
  tls: 'phase-3',
  send: 'phase-4',
  ws_upgrade: 'phase-4',
  processing: 'phase-5',
  udp_announce: 'phase-5',
  ws_reply: 'phase-5',
  transfer: 'phase-6',
  udp_scrape: 'phase-6',
}

/** The phases that happened, in their order. */
export function phasesIn(all: readonly Phases[]): readonly Phase[] {
  return phaseNames.filter((phase) => all.some((phases) => phases[phase] !== undefined))
}
