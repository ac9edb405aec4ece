import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { root } from './programs.js'

const datasource = z.object({ type: z.literal('prometheus'), uid: z.string() })
const target = z.looseObject({ refId: z.string(), expr: z.string(), datasource })
const panel = z.looseObject({
  id: z.number(),
  type: z.string(),
  title: z.string(),
  description: z.string().optional(),
  datasource: datasource.optional(),
  targets: z.array(target).optional(),
  fieldConfig: z.object({ defaults: z.looseObject({ unit: z.string() }) }).optional(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
})
const variable = z.looseObject({ name: z.string(), label: z.string(), type: z.string() })
const dashboard = z.looseObject({
  id: z.null(),
  uid: z.string(),
  title: z.string(),
  tags: z.array(z.string()),
  links: z.array(z.looseObject({ type: z.string(), url: z.string() })),
  editable: z.boolean(),
  annotations: z.object({ list: z.array(z.looseObject({ name: z.string(), expr: z.string() })) }),
  templating: z.object({ list: z.array(variable) }),
  panels: z.array(panel),
})
export type Dashboard = z.infer<typeof dashboard>

const folder = join(root, 'config/grafana/dashboards')

/** All dashboards that are shipped, by file name. */
export function loadDashboards(): readonly {
  readonly file: string
  readonly text: string
  readonly json: Dashboard
}[] {
  return readdirSync(folder).map((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    return { file, text, json: dashboard.parse(JSON.parse(text)) }
  })
}

/** Every PromQL expression of a dashboard, annotations included. */
export function expressionsOf(json: Dashboard): readonly string[] {
  const targets = json.panels.flatMap((one) => one.targets ?? [])
  return [...targets, ...json.annotations.list].map((one) => one.expr)
}
