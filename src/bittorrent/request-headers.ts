/**
 * Header fields that somebody adds to our HTTP requests (RFC 9110, 5). What is wrong with one never repeats its value:
 * it may be a secret.
 */

const NAME = /^[!#$%&'*+.^_`|~\w-]{1,64}$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]{0,4096}$/
/** They belong to the connection, or say what we can read. */
const OUR_OWN = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
/** aquatic does not answer a request of more than 16 header fields at all; ours has up to six of its own. */
const MAX_HEADERS = 10

export interface HeaderProblem {
  readonly name: string
  readonly message: string
}

/** What is wrong with each header that cannot be sent. */
export function headerProblems(headers: Readonly<Record<string, string>>): readonly HeaderProblem[] {
  const seen = new Set<string>()
  return Object.entries(headers).flatMap(([name, value]) => {
    const message = headerProblem(name, value) ?? crowdProblem(name, seen)
    seen.add(name.toLowerCase())
    return message === null ? [] : [{ name, message }]
  })
}

/** The headers as they are. Throws a RangeError that names the first one that cannot be sent. */
export function checkedHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [problem] = headerProblems(headers)
  if (problem !== undefined) throw new RangeError(problem.message)
  return headers
}

function headerProblem(name: string, value: string): string | null {
  if (!NAME.test(name)) return `header name ${JSON.stringify(name.slice(0, 64))}, expected letters, digits and dashes`
  const lowerCase = name.toLowerCase()
  if (OUR_OWN.has(lowerCase) || lowerCase.startsWith('sec-websocket-')) {
    return `header ${name} is set by the probe itself, expected another one`
  }
  if (VALUE.test(value)) return null
  return `value of header ${name}, expected printable text in one line, at most 4096 characters`
}

function crowdProblem(name: string, seen: ReadonlySet<string>): string | null {
  if (seen.has(name.toLowerCase())) return `header ${name} is given twice`
  return seen.size < MAX_HEADERS ? null : `header ${name} is one too many, expected at most ${MAX_HEADERS}`
}
