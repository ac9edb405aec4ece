import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { LoadedConfig } from '../config/load.js'
import { openStore } from '../store/open.js'
import type { Store } from '../store/store.js'
import type { ListRules } from '../tracker/list-rules.js'
import type { Io } from './io.js'
import { UsageError } from './usage.js'

const DEFAULT_CONFIG = 'config/trackerwatch.yaml'

export interface ConfigFlags {
  readonly config?: string
}

export interface StoreFlags extends ConfigFlags {
  readonly store?: string
}

export function addConfigFlag(command: Command): Command {
  return command.option('--config <file>', `configuration (default: ${DEFAULT_CONFIG})`)
}

export function addStoreFlags(command: Command): Command {
  return addConfigFlag(command).option('--store <url>', 'store to use, such as sqlite:data/trackerwatch.db, instead')
}

/** The configuration file to read; that there is none is worth a sentence with a way out. */
export function configFile({ config }: ConfigFlags): string {
  if (config !== undefined) return config
  if (existsSync(DEFAULT_CONFIG)) return DEFAULT_CONFIG
  throw new UsageError(`${resolve(DEFAULT_CONFIG)} does not exist, expected it or --config FILE`)
}

/** Throws a `ConfigError` with every problem. */
export async function loadSettings(flags: ConfigFlags, io: Io): Promise<LoadedConfig> {
  const { loadConfig } = await import('../config/load.js')
  return loadConfig(configFile(flags), io.env)
}

/** The rules of lists as configured; the defaults for a store that is named where there is no configuration. */
export async function listSettings(
  flags: StoreFlags,
  io: Io,
): Promise<{ readonly store: string; readonly rules: ListRules }> {
  if (flags.store !== undefined && flags.config === undefined && !existsSync(DEFAULT_CONFIG)) {
    const [{ toConfig }, { settingsSchema }] = await Promise.all([
      import('../config/config.js'),
      import('../config/schema.js'),
    ])
    return { store: flags.store, rules: toConfig(settingsSchema.parse({ groups: [{ name: 'none' }] }), []).lists }
  }
  const { config } = await loadSettings(flags, io)
  return { store: flags.store ?? config.store, rules: config.lists }
}

/** The store that the flags name: by itself, without a look at the configuration, or as configured. */
export async function storeUrl(flags: StoreFlags, io: Io): Promise<string> {
  return flags.store ?? (await loadSettings(flags, io)).config.store
}

/** Opens the store for reading, which the daemon does not mind, and closes it again. */
export async function readingStore<T>(url: string, read: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(url, { readOnly: true })
  try {
    return await read(store)
  } finally {
    await store.close()
  }
}
