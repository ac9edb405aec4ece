import { maskUrl } from '../../tracker/mask.js'
import type { ListChange } from '../../tracker/membership.js'
import type { ListName } from '../../tracker/select.js'
import { trackerId } from '../../tracker/state.js'
import { explainListChange } from '../list-change-words.js'
import { Moment } from './parts.js'
import { TableHead } from './table-head.js'

export const LIST_CHANGES_SHOWN = 20

/** What entered and left a list of late. */
export function ListChanges({ list, changes, now }: { list: ListName; changes: readonly ListChange[]; now: Date }) {
  return (
    <section>
      <h2 id="changes">What entered and left {list}</h2>
      <div class="card">
        {changes.length === 0 ? (
          <p class="empty muted">Nothing yet.</p>
        ) : (
          <table class="moves">
            <TableHead titles={['When', 'What', 'Tracker', 'Why']} numbers={[]} />
            <tbody>
              {changes.map((change) => (
                <tr>
                  <td class="nowrap">
                    <Moment at={change.at} now={now} />
                  </td>
                  <td class="nowrap">
                    <span class={`status ${change.entered ? 'up' : 'idle'}`}>
                      <span class="shape" aria-hidden="true">
                        {change.entered ? '+' : '−'}
                      </span>
                      {change.entered ? 'Entered' : 'Left'}
                    </span>
                  </td>
                  <td class="url">
                    <a href={`/tracker/${trackerId(change.url)}`}>{maskUrl(change.url)}</a>
                  </td>
                  <td class="why">{explainListChange(change)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      <p class="why">
        All of it: <a href={`/lists/${list}/changes.atom`}>Atom feed</a>,{' '}
        <a href={`/lists/${list}/changes.json`}>JSON</a>
      </p>
    </section>
  )
}
