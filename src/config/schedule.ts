import { validateDetailed } from 'node-cron'

/** First and last value of each cron field, seconds first. */
const fields = [
  { name: 'second', first: 0, last: 59 },
  { name: 'minute', first: 0, last: 59 },
  { name: 'hour', first: 0, last: 23 },
  { name: 'day of month', first: 1, last: 31 },
  { name: 'month', first: 1, last: 12 },
  { name: 'day of week', first: 0, last: 7 },
] as const

/** Why a text is no cron beat, or null if it is one. Stricter than node-cron, which calls a step of 90 s valid. */
export function scheduleProblem(text: string): string | null {
  const [error] = validateDetailed(text).errors
  if (error !== undefined) return `"${text}", expected a cron beat such as "*/10 * * * *" (${error.message})`
  for (const { name, first, last, part, step, from, to } of steps(text)) {
    if (step > to - from) {
      return `"${text}", expected a step of at most ${to - from} in "${part}": the ${name} runs from ${first} to ${last}`
    }
  }
  return null
}

/** The word for what has no beat. */
export const NEVER = 'never'

export function neverOrScheduleProblem(text: string): string | null {
  return text === NEVER ? null : scheduleProblem(text)
}

/** What an operator may not expect of a valid beat, or null: cron cannot say "every 7 minutes" (… 49, 56, 0, 7 …). */
export function scheduleWarning(text: string): string | null {
  for (const { name, last, part, step } of steps(text)) {
    const isClock = name === 'second' || name === 'minute' || name === 'hour'
    if (isClock && part.startsWith('*') && (last + 1) % step !== 0) {
      return `"${part}" does not fire every ${step} ${name}s: ${last + 1} is no multiple of ${step}, the last gap is shorter`
    }
  }
  return null
}

/** Every `range/step` of a beat, with the range in numbers. */
function steps(text: string) {
  const parts = text.trim().split(/\s+/)
  const own = parts.length === 6 ? fields : fields.slice(1)
  return parts.flatMap((part, index) => {
    const field = own[index]
    return field === undefined ? [] : part.split(',').flatMap((piece) => stepOf(piece, field))
  })
}

function stepOf(part: string, field: (typeof fields)[number]) {
  const match = /^(?:\*|(\d+)-(\d+)|[a-z-]+)\/(\d+)$/i.exec(part)
  if (match === null) return []
  const [, from = field.first, to = field.last, step] = match
  return [{ ...field, part, step: Number(step), from: Number(from), to: Number(to) }]
}
