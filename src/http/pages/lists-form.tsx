import { formatNames, formats } from '../../export/formats.js'
import { listOrders } from '../../tracker/list-order.js'
import { type ListName, listNames, lists } from '../../tracker/select.js'
import { uptimeWindows } from '../../tracker/state.js'
import { schemes } from '../../tracker/tracker.js'
import type { ListChoice } from './lists-query.js'
import { percent } from './text.js'

const UPTIMES = ['0.5', '0.8', '0.9', '0.95', '0.98', '0.99', '0.995', '0.999']

const orderTitles: Readonly<Record<(typeof listOrders)[number], string>> = {
  uptime: 'Highest uptime first',
  latency: 'Lowest latency first',
  shuffle: 'Shuffled, anew each hour',
}

/** A plain form; the script shows the result while the reader chooses. */
export function ListForm({ choice }: { choice: ListChoice }) {
  const { list, format, filters, query } = choice
  const values = new Map(query)
  const uptimes = [...new Set([...UPTIMES, ...(values.has('min_uptime') ? [values.get('min_uptime') ?? ''] : [])])]
  return (
    <form id="choose" class="card choose" method="get" action="/lists/">
      <label class="half">
        <span>List</span>
        <select name="list">
          {listNames.map((name) => (
            <option value={name} selected={name === list}>
              {name}: {titleOf(name)}
            </option>
          ))}
        </select>
      </label>
      <label class="half">
        <span>Format</span>
        <select name="format">
          {formatNames.map((name) => (
            <option value={name} selected={name === format}>
              {formats[name].extension}: {formats[name].title}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="wide">
        <legend>Schemes</legend>
        {schemes.map((scheme) => (
          <label class="check">
            <input type="checkbox" name="scheme" value={scheme} checked={filters.schemes?.includes(scheme) ?? false} />
            {scheme}
          </label>
        ))}
        <span class="muted">none ticked: all</span>
      </fieldset>
      <Choice
        name="min_uptime"
        title="Least uptime"
        none="By the list"
        value={values.get('min_uptime')}
        options={uptimes.toSorted((a, b) => Number(a) - Number(b)).map((one) => [one, percent(Number(one))])}
      />
      <Choice
        name="window"
        title="Window"
        none="By the list"
        value={values.get('window')}
        options={Object.keys(uptimeWindows).map((one) => [one, one])}
      />
      <NumberField name="min_age_days" title="Watched, days" max={36_500} value={values.get('min_age_days')} />
      <NumberField name="max_latency_ms" title="Latency up to, ms" max={600_000} value={values.get('max_latency_ms')} />
      <Choice
        name="family"
        title="Works over"
        none="Any"
        value={values.get('family')}
        options={[
          ['4', 'IPv4'],
          ['6', 'IPv6'],
        ]}
      />
      <NumberField name="limit" title="At most" max={100_000} min={1} value={values.get('limit')} />
      <Choice
        name="order"
        title="Order"
        value={filters.order}
        options={listOrders.map((one) => [one, orderTitles[one]])}
      />
      <div class="actions">
        <button type="submit">Show</button>
        <a href="/lists/">Start again</a>
      </div>
    </form>
  )
}

function titleOf(list: ListName): string {
  return lists[list].title
}

interface ChoiceProps {
  readonly name: string
  readonly title: string
  readonly none?: string
  readonly value: string | undefined
  readonly options: readonly (readonly [value: string, title: string])[]
}

function Choice({ name, title, none, value, options }: ChoiceProps) {
  return (
    <label>
      <span>{title}</span>
      <select name={name}>
        {none !== undefined && <option value="">{none}</option>}
        {options.map(([option, text]) => (
          <option value={option} selected={option === value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

interface NumberFieldProps {
  readonly name: string
  readonly title: string
  readonly min?: number
  readonly max: number
  readonly value: string | undefined
}

function NumberField({ name, title, min = 0, max, value }: NumberFieldProps) {
  return (
    <label>
      <span>{title}</span>
      <input
        type="number"
        name={name}
        min={min}
        max={max}
        step={min === 0 ? 'any' : 1}
        placeholder="–"
        value={value ?? ''}
      />
    </label>
  )
}
