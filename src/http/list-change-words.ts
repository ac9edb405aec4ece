import type { ListChange, ListChangeReason } from '../tracker/membership.js'
import { percent } from './pages/text.js'

type Say = (uptime: number | null) => string

const entered: Readonly<Partial<Record<ListChangeReason, Say>>> = {
  watched: () => 'It is watched now',
  alive: () => 'It is alive',
  qualified: (uptime) => `It meets every rule, with an uptime of ${percent(uptime)}`,
  rank: (uptime) => `There was a place for it, with an uptime of ${percent(uptime)}`,
}

const left: Readonly<Partial<Record<ListChangeReason, Say>>> = {
  unwatched: () => 'It is watched no more, or its URL carries a secret now',
  not_alive: () => 'It is not alive',
  uptime: (uptime) => `Its uptime fell to ${percent(uptime)}`,
  age: () => 'It has not been watched for as long as the rule asks now',
  fake_peers: () => 'It makes up peers',
  rank: () => 'Others are clearly better',
}

/** Why a tracker entered or left a list, as a sentence without a full stop. */
export function explainListChange({ entered: isIn, reason, uptime }: ListChange): string {
  return (isIn ? entered : left)[reason]?.(uptime) ?? reason
}
