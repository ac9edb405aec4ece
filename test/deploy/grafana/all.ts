import { lists } from './lists.js'
import { monitor } from './monitor.js'
import { overview } from './overview.js'
import { tracker } from './tracker.js'

/** What lies in `config/grafana/dashboards`, by file. */
export const dashboards: Readonly<Record<string, object>> = {
  'lists.json': lists,
  'monitor.json': monitor,
  'overview.json': overview,
  'tracker.json': tracker,
}
