import type { Context } from 'hono'
import { clientAddress, clientKey } from './client-address.js'
import type { AppDeps } from './deps.js'
import { isCrossSite } from './same-site.js'
import type { Receipt } from './submissions.js'
import { bearerToken, isToken } from './tokens.js'

/** As with newTrackon. */
const MAX_CHARACTERS = 1_000_000
const BUSY_RETRY_S = 3_600

/** What a submission came to: a receipt, or why there is none as a sentence, with the status of the answer. */
export type Submitted =
  | { readonly receipt: Receipt; readonly problem?: never }
  | { readonly problem: string; readonly status: 400 | 401 | 403 | 413 | 429; readonly receipt?: never }

/** The form fields `new_trackers`, and `token` where a program does not send it as a header. */
export async function receiveSubmission(c: Context, { submissions }: AppDeps): Promise<Submitted> {
  const { mode, token } = submissions.rules()
  if (mode === 'off') return { problem: 'submissions are closed here', status: 403 }
  if (isCrossSite(c.req.raw)) return { problem: 'the request comes from another web site', status: 403 }
  const fields = await formFields(c)
  if (mode === 'token' && !isToken(bearerToken(c.req.raw) ?? fields.get('token') ?? null, token)) {
    c.header('WWW-Authenticate', 'Bearer realm="trackerwatch"')
    return { problem: 'the token is missing or wrong', status: 401 }
  }
  const text = fields.get('new_trackers') ?? ''
  if (text.trim() === '') return { problem: 'no trackers, expected them in the field "new_trackers"', status: 400 }
  if (text.length > MAX_CHARACTERS) {
    return { problem: `${text.length} characters, expected at most ${MAX_CHARACTERS}`, status: 413 }
  }
  const receipt = submissions.submit(text, clientKey(clientAddress(c)))
  if (receipt.lines.length > 0 && receipt.lines.every(({ state }) => state.kind === 'refused' && state.busy)) {
    c.header('Retry-After', String(BUSY_RETRY_S))
    return { problem: 'too many submissions, try again in an hour', status: 429 }
  }
  return { receipt }
}

/** The text fields of a form, url-encoded or multipart; none where the body is neither. */
export async function formFields(c: Context): Promise<ReadonlyMap<string, string>> {
  const body = await c.req.parseBody().catch(() => ({}))
  return new Map(Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])))
}
