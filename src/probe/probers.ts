import type { Scheme } from '../tracker/tracker.js'
import { http } from './http.js'
import type { Protocol } from './prober.js'
import { udp } from './udp.js'
import { ws } from './ws.js'

/** Which protocol serves a scheme. */
export const probers = { udp, http, https: http, ws, wss: ws } satisfies Record<Scheme, Protocol>
