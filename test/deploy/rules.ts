import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { root } from './programs.js'

const alert = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  keep_firing_for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
  annotations: z.strictObject({
    summary: z.string(),
    description: z.string(),
    runbook_url: z.string(),
    dashboard_url: z.string(),
  }),
})
const recording = z.strictObject({
  record: z.string(),
  expr: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
})
const ruleFile = z.object({
  groups: z.array(z.object({ name: z.string(), rules: z.array(z.union([alert, recording])) })),
})
export type Alert = z.infer<typeof alert>
export type Recording = z.infer<typeof recording>

export const rulesFolder = 'config/prometheus/rules'

/** Paths of the shipped rules, from the project's root. */
export const ruleFiles = readdirSync(join(root, rulesFolder)).map((name) => `${rulesFolder}/${name}`)

const rules = ruleFiles.flatMap((file) =>
  ruleFile.parse(parse(readFileSync(join(root, file), 'utf8'))).groups.flatMap((group) => group.rules),
)

export const alerts = rules.filter((rule): rule is Alert => 'alert' in rule)
export const recordings = rules.filter((rule): rule is Recording => 'record' in rule)
