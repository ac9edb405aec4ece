import { readdir, readFile, rename } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { writeLists } from '../export/write.js'
import type { Logger } from '../monitor/log.js'
import { parseTracker, type Tracker } from '../tracker/tracker.js'

/** What is kept of a submission. One that the operator rejected is kept too, so that it does not come back. */
export interface KeptSubmission {
  readonly tracker: Tracker
  readonly state: 'accepted' | 'held' | 'rejected'
  readonly submittedAt: Date
  readonly checkedAt: Date
  readonly latencyMs: number | null
}

const states = ['accepted', 'held', 'rejected'] as const
/** Damaged files that are kept: the first ones, and the newest under the last name. */
const MOST_ASIDE = 10

/**
 * The submissions in a file; none if it is not there. One that is damaged is put aside under another name, for a person to
 * look at: it is not written over, nor are the damaged ones before it.
 */
export async function loadSubmissions(file: string, log: Logger): Promise<readonly KeptSubmission[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return []
  const kept = parseSubmissions(text)
  if (kept !== null) return kept
  const aside = await freeName(file)
  await rename(file, aside)
  log.error({ file, aside }, 'file of submissions is damaged and was put aside, nothing that was submitted is watched')
  return []
}

export async function saveSubmissions(file: string, submissions: Iterable<KeptSubmission>): Promise<void> {
  const rows = [...submissions].map(({ tracker, ...rest }) => ({ url: tracker.url, ...rest }))
  const text = `${JSON.stringify({ submissions: rows }, null, 2)}\n`
  await writeLists(dirname(file), [{ name: basename(file), text }])
}

async function freeName(file: string): Promise<string> {
  const taken = new Set(await readdir(dirname(file)))
  let aside = `${file}.damaged`
  for (let number = 2; number <= MOST_ASIDE && taken.has(basename(aside)); number++) aside = `${file}.damaged.${number}`
  return aside
}

function parseSubmissions(text: string): readonly KeptSubmission[] | null {
  const data = parseJson(text)
  if (!isRecord(data) || !Array.isArray(data.submissions)) return null
  const kept = data.submissions.map(parseRow)
  return kept.every((row) => row !== null) ? kept : null
}

function parseRow(row: unknown): KeptSubmission | null {
  if (!isRecord(row)) return null
  const { tracker } = parseTracker(String(row.url))
  const state = states.find((known) => known === row.state)
  const submittedAt = new Date(String(row.submittedAt))
  const checkedAt = new Date(String(row.checkedAt))
  const latencyMs = row.latencyMs
  const isWhole = !Number.isNaN(submittedAt.getTime()) && !Number.isNaN(checkedAt.getTime())
  if (tracker === undefined || state === undefined || !isWhole) return null
  return { tracker, state, submittedAt, checkedAt, latencyMs: typeof latencyMs === 'number' ? latencyMs : null }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
