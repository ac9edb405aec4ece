/** The parts of the daemon that a log line can come from. Each may have a level of its own (`log.levels`). */
export const subsystems = [
  'daemon',
  'config',
  'monitor',
  'probe',
  'uplink',
  'store',
  'backup',
  'lists',
  'sources',
  'submissions',
  'geo',
  'http',
] as const
export type Subsystem = (typeof subsystems)[number]
