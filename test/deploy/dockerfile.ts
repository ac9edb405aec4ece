import { z } from 'zod'

export interface Instruction {
  readonly name: string
  readonly value: string
}

export interface Stage {
  readonly base: string
  readonly alias: string | null
  readonly instructions: readonly Instruction[]
}

/** Stages of a Dockerfile: comments left out, continued lines joined. */
export function parseDockerfile(text: string): readonly Stage[] {
  const stages: { base: string; alias: string | null; instructions: Instruction[] }[] = []
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
  for (const line of lines.filter((one) => one.trim() !== '')) {
    const [, name = '', value = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    const from = /^(\S+)(?: AS (\S+))?$/.exec(value)
    if (name === 'FROM') stages.push({ base: from?.[1] ?? '', alias: from?.[2] ?? null, instructions: [] })
    else stages.at(-1)?.instructions.push({ name, value })
  }
  return stages
}

/** The values of one instruction in a stage. */
export function valuesOf(stage: Stage | undefined, name: string): readonly string[] {
  return (stage?.instructions ?? []).filter((one) => one.name === name).map((one) => one.value)
}

/** The command of the last stage's HEALTHCHECK, in exec form. */
export function healthCheckOf(stages: readonly Stage[]): readonly string[] {
  const [value = ''] = valuesOf(stages.at(-1), 'HEALTHCHECK')
  return z.array(z.string()).parse(JSON.parse(value.slice(value.indexOf('['))))
}
