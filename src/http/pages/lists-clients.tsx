import { aria2 } from '../../export/aria2.js'
import type { Scheme } from '../../tracker/tracker.js'
import { Copyable } from './copyable.js'
import { type ListChoice, listPath } from './lists-query.js'

/** It speaks no WebSocket either, and one URL that it does not know makes it refuse all. */
const TRANSMISSION_SCHEMES: readonly Scheme[] = aria2.schemes

/** How the clients that people use are told to take the selection. */
export function ClientSettings({ choice, site }: { choice: ListChoice; site: string }) {
  const url = (path: string | null): string | null => (path === null ? null : `${site}${path}`)
  const text = choice.format === 'blank' ? 'blank' : 'lines'
  return (
    <section>
      <h2>In a client</h2>
      <div class="clients">
        <Client name="qBittorrent 5.1 or newer" url={url(listPath(choice, text))}>
          {(list) => (
            <>
              <p>
                Options → BitTorrent → <b>Automatically append trackers from URL to new downloads</b>. It fetches the
                list once a day, for torrents that are not private.
              </p>
              <Copyable id="qbittorrent" text={list} what="URL for qBittorrent" />
            </>
          )}
        </Client>
        <Client name="Transmission 4" url={url(listPath(choice, text, TRANSMISSION_SCHEMES))}>
          {(list) => (
            <>
              <p>
                It takes the text of a list and no URL: Preferences → Network → <b>Default public trackers</b>, or for a
                daemon that is running, from time to time:
              </p>
              <Copyable id="transmission" text={transmissionCommand(list)} what="Command for Transmission" />
            </>
          )}
        </Client>
        <Client name="aria2" url={url(listPath(choice, 'aria2', aria2.schemes))}>
          {(list) => (
            <>
              <p>
                For one download; what <code>curl</code> prints is also the value of <code>bt-tracker=</code> in{' '}
                <code>aria2.conf</code>. It speaks to UDP trackers only while its DHT is on.
              </p>
              <Copyable
                id="aria2"
                text={`aria2c --bt-tracker="$(curl -fsS ${quoted(list)})" file.torrent`}
                what="Command for aria2"
              />
            </>
          )}
        </Client>
      </div>
    </section>
  )
}

interface ClientProps {
  readonly name: string
  readonly url: string | null
  readonly children: (url: string) => ReturnType<typeof Copyable>
}

function Client({ name, url, children }: ClientProps) {
  return (
    <section class="card client">
      <h3>{name}</h3>
      {url === null ? <p class="muted">Nothing of this selection: it speaks no WebSocket.</p> : children(url)}
    </section>
  )
}

/** The daemon names a session, which the request that changes something has to know. */
function transmissionCommand(list: string): string {
  return [
    'rpc=http://127.0.0.1:9091/transmission/rpc',
    `session=$(curl -sS "$rpc" | grep -o 'X-Transmission-Session-Id: [^<]*' | head -n 1)`,
    `curl -fsS ${quoted(list)} |`,
    `  jq -Rs '{method: "session-set", arguments: {"default-trackers": .}}' |`,
    '  curl -fsS -H "$session" -d @- "$rpc"',
  ].join('\n')
}

/** For a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
