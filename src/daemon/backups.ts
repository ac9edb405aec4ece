import { mkdir, readdir, rm, statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config } from '../config/config.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Logger } from '../monitor/log.js'
import { beatInterval, startSchedule } from '../monitor/schedule.js'
import { StoreError } from '../store/errors.js'
import type { Store } from '../store/store.js'

export interface BackupsOptions {
  readonly store: Pick<Store, 'backup' | 'info'>
  readonly config: () => Config
  readonly metrics: Metrics
  readonly log: Logger
  readonly now: () => Date
  readonly onCrash: (error: unknown) => void
  /** When to make up for a beat that came while nothing ran, ms after the start: not in the rush of the first round. */
  readonly catchUpMs?: number
}

/** Copies of the store on a schedule. */
export interface Backups {
  /** Makes one now, or waits for the one that is under way. Never rejects. */
  run(): Promise<void>
  /** Takes up a changed configuration. */
  update(): void
  /** One that is under way goes on until the store is closed. */
  stop(): void
  settled(): Promise<void>
}

const CATCH_UP_MS = 10 * 60_000
/** The part of a disk's free space that a backup may take: the database has to go on growing. */
const MOST_OF_FREE = 0.5

export async function startBackups(options: BackupsOptions): Promise<Backups> {
  const { config, metrics, now, onCrash, catchUpMs = CATCH_UP_MS } = options
  // A directory that cannot be read is told when the next backup fails.
  const found = await backupsIn(config().backup.directory).catch(() => [])
  const newest = found.findLast(({ at }) => at <= now())
  if (newest !== undefined) metrics.observeBackup(newest.at)
  let running: Promise<void> | null = null
  let isStopped = false
  const run = (): Promise<void> => {
    running ??= backUp(options, () => isStopped).finally(() => {
      running = null
    })
    return running
  }
  const schedule = startSchedule({ onBeat: run, onMissed: () => {}, onLag: () => {}, onError: onCrash })
  const update = (): void => {
    const beat = config().backup.schedule
    schedule.set(new Map(beat === null ? [] : [['backup', beat]]))
    metrics.setBackupInterval(beat === null ? null : beatInterval(beat).longestMs)
  }
  update()
  const catchUp = setTimeout(() => {
    if (isOverdue(config().backup.schedule, newest?.at ?? null, now())) void run()
  }, catchUpMs)
  return {
    run,
    update,
    stop: () => {
      isStopped = true
      clearTimeout(catchUp)
      schedule.stop()
    },
    settled: async () => {
      await running
    },
  }
}

/** Whether a beat has passed since the newest backup, which is null where there is none. */
export function isOverdue(schedule: string | null, newest: Date | null, at: Date): boolean {
  if (schedule === null) return false
  return newest === null || at.getTime() - newest.getTime() > beatInterval(schedule).longestMs
}

/**
 * A failure is told, and the next beat tries again; one that a stop has cut short is none. Older backups go only once there
 * is a newer one.
 */
async function backUp({ store, config, metrics, log, now }: BackupsOptions, isStopped: () => boolean): Promise<void> {
  const { keep } = config().backup
  const directory = resolve(config().backup.directory)
  const at = now()
  const file = join(directory, backupName(at))
  try {
    await mkdir(directory, { recursive: true })
    await removeUnfinished(directory)
    await requireSpace(directory, (await store.info()).sizeBytes)
    const beganMs = performance.now()
    await store.backup(file)
    metrics.observeBackup(at)
    log.info({ file, durationMs: Math.round(performance.now() - beganMs) }, 'history backed up')
    await rotate(directory, keep, at)
  } catch (err) {
    if (isStopped() && err instanceof StoreError) {
      log.info({ file, because: err.message }, 'history not backed up, the monitor stops')
      return
    }
    metrics.observeDatabaseError('backup')
    log.error({ err, file }, 'history not backed up')
  }
}

/** In UTC, to the second: by name is by age. */
function backupName(at: Date): string {
  return `trackerwatch-${at.toISOString().slice(0, 19).replaceAll(':', '-')}Z.db`
}

const NAME = /^trackerwatch-(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d)Z\.db$/
/** What a process that was killed left of a copy. */
const UNFINISHED = /^trackerwatch-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.db\.[0-9a-f]{8}\.part(-journal|-wal|-shm)?$/

interface Backup {
  readonly name: string
  readonly at: Date
}

/** Complete backups of our own, oldest first; whatever else lies there is none of our business. */
async function backupsIn(directory: string): Promise<readonly Backup[]> {
  const backups = (await filesIn(directory)).flatMap((name): Backup[] => {
    const [, day, hours, minutes, seconds] = NAME.exec(name) ?? []
    return day === undefined ? [] : [{ name, at: new Date(`${day}${hours}:${minutes}:${seconds}Z`) }]
  })
  return backups.toSorted((one, other) => one.at.getTime() - other.at.getTime())
}

async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

/** Those dated later than the one just made go first: the clock stood wrong, and none of them is known to be newer. */
async function rotate(directory: string, keep: number, at: Date): Promise<void> {
  const backups = await backupsIn(directory)
  const later = backups.filter((backup) => backup.at > at)
  const others = backups.filter((backup) => backup.at <= at)
  for (const { name } of [...later, ...others].slice(0, -keep)) await rm(join(directory, name), { force: true })
}

async function removeUnfinished(directory: string): Promise<void> {
  const left = (await filesIn(directory)).filter((name) => UNFINISHED.test(name))
  for (const name of left) await rm(join(directory, name), { force: true })
}

/** @throws {StoreError} rather than fill the disk that the database may be on too */
async function requireSpace(directory: string, sizeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const freeBytes = bavail * bsize
  if (sizeBytes <= freeBytes * MOST_OF_FREE) return
  const inMiB = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`
  throw new StoreError(
    `${directory} has ${inMiB(freeBytes)} of free space, expected twice the ${inMiB(sizeBytes)} of the database: ` +
      'free some, keep fewer backups ("backup.keep") or name another place ("backup.directory")',
  )
}
