import type { SeenAddress } from '../../store/seen-address.js'
import type { RelatedTracker } from '../../store/store.js'
import { maskUrl } from '../../tracker/mask.js'
import type { Place } from '../../tracker/place.js'
import { trackerId } from '../../tracker/state.js'
import { Moment } from './parts.js'
import { TableHead } from './table-head.js'
import { counted } from './text.js'

interface AddressesProps {
  readonly addresses: readonly SeenAddress[]
  readonly placeOf: (address: string) => Place | null
  readonly now: Date
}

const ADDRESSES_SHOWN = 20

export function AddressesSection({ addresses, placeOf, now }: AddressesProps) {
  const [shown, older] = [addresses.slice(0, ADDRESSES_SHOWN), addresses.slice(ADDRESSES_SHOWN)]
  return (
    <section id="addresses" data-live>
      <h2>Addresses</h2>
      <div class="card">
        {addresses.length === 0 ? (
          <p class="empty muted">No address has been probed yet.</p>
        ) : (
          <table>
            <TableHead titles={['Address', 'First seen', 'Last seen']} numbers={[]} />
            <tbody>
              {shown.map(({ address, firstSeen, lastSeen }) => (
                <tr>
                  <th scope="row" class="address">
                    {address}
                    <Where place={placeOf(address)} />
                  </th>
                  <td class="nowrap">
                    <Moment at={firstSeen} now={now} />
                  </td>
                  <td class="nowrap">
                    <Moment at={lastSeen} now={now} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {older.length > 0 && <p class="why muted">And {counted(older.length, 'older address', 'older addresses')}.</p>}
    </section>
  )
}

function Where({ place }: { place: Place | null }) {
  const parts = [place?.country, place?.network].filter((part) => typeof part === 'string')
  return parts.length === 0 ? null : <div class="why muted">{parts.join(' · ')}</div>
}

const RELATED_SHOWN = 20
const SHARED_SHOWN = 3

export function RelatedSection({ related }: { related: readonly RelatedTracker[] }) {
  return (
    <section id="related" data-live>
      <h2>Related trackers</h2>
      <div class="card">
        {related.length === 0 ? (
          <p class="empty muted">No other tracker has its host or one of its addresses.</p>
        ) : (
          <ul class="plain">
            {related.slice(0, RELATED_SHOWN).map((one) => (
              <li>
                <a href={`/tracker/${trackerId(one.url)}`}>{maskUrl(one.url)}</a>
                <div class="why muted">{reasonOf(one)}</div>
              </li>
            ))}
          </ul>
        )}
      </div>
      {related.length > RELATED_SHOWN && <p class="why muted">And {related.length - RELATED_SHOWN} more.</p>}
    </section>
  )
}

/** `Same host; shares 192.0.2.7; not watched any more` */
function reasonOf({ sameHost, addresses, watched }: RelatedTracker): string {
  const more = addresses.length - SHARED_SHOWN
  const shared = `shares ${addresses.slice(0, SHARED_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  const parts = [
    ...(sameHost ? ['same host'] : []),
    ...(addresses.length > 0 ? [shared] : []),
    ...(watched ? [] : ['not watched any more']),
  ]
  const text = parts.join('; ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
