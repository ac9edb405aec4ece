/** `npx tsx test/deploy/grafana/write.ts && npx biome format --write config`: writes the dashboards anew. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../programs.js'
import { dashboards } from './all.js'

for (const [file, dashboard] of Object.entries(dashboards)) {
  writeFileSync(join(root, 'config/grafana/dashboards', file), `${JSON.stringify(dashboard, null, 2)}\n`)
}
