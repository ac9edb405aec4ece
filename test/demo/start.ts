import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { demoConfig } from './config.js'
import { type DaemonProcess, startDaemon } from './daemon.js'
import { writeInputs } from './inputs.js'
import { freeOrAny } from './ports.js'
import { type DemoTracker, startTrackers } from './trackers.js'

/** Reference trackers, and a daemon that watches them. */
export interface Demo {
  readonly daemon: DaemonProcess
  readonly trackers: readonly DemoTracker[]
  /** Temporary; holds `config/trackerwatch.yaml`, what commands read, and all that the daemon writes. */
  readonly folder: string
  /** Ends everything, removes the folder, and resolves with the daemon's exit code. */
  readonly stop: () => Promise<number | null>
}

const PORT = 10069

/** Needs no internet. Rejects where the daemon does not start; then nothing is left running. */
export async function startDemo(): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'trackerwatch-demo-'))
  const cleanUps = [() => rm(folder, { recursive: true, force: true })]
  const cleanUp = async (): Promise<void> => {
    for (const step of cleanUps.reverse()) await step()
  }
  try {
    const { trackers, stop } = await startTrackers()
    cleanUps.push(stop)
    const configFile = join(folder, 'config', 'trackerwatch.yaml')
    await mkdir(dirname(configFile))
    await writeFile(configFile, demoConfig(trackers, folder, await freeOrAny(PORT)))
    await writeInputs(folder, trackers)
    const daemon = await startDaemon(configFile)
    const stopAll = async (): Promise<number | null> => {
      daemon.stop()
      const code = await daemon.ended
      await cleanUp()
      return code
    }
    return { daemon, trackers, folder, stop: stopAll }
  } catch (error) {
    await cleanUp()
    throw error
  }
}
