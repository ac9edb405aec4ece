import { describe, expect, it } from 'vitest'
import type { LineState, Submission, SubmissionRules, Submissions } from '../../src/http/submissions.js'
import { ago, NOW } from '../export/entries.js'
import { appOver, connectionFrom } from './support.js'

const OPERATOR = 'operator-0123456789'
const SUBMITTER = 'submitter-0123456789'
const RECEIPT = '0123456789abcdef0123456789abcdef'
const held: Submission = {
  id: '0123456789ab',
  url: 'udp://held.example.org:1/"><script>alert(1)</script>',
  state: 'held',
  submittedAt: ago(7_200_000),
  checkedAt: NOW,
  latencyMs: 41.2,
}

interface Asked {
  readonly submitted: (readonly [text: string, client: string])[]
  readonly decided: (readonly [id: string, decision: string])[]
}

/** The app with a desk that says the same of every line. */
function appWith(
  rules: Partial<SubmissionRules> = {},
  state: LineState = { kind: 'waiting' },
  token: string | null = OPERATOR,
) {
  const asked: Asked = { submitted: [], decided: [] }
  const receipt = { id: RECEIPT, lines: [{ text: 'udp://<b>.example:1', state }] }
  const submissions: Submissions = {
    rules: () => ({ mode: 'open', review: 'accept', token: SUBMITTER, ...rules }),
    submit: (text, client) => {
      asked.submitted.push([text, client])
      return receipt
    },
    receipt: (id) => (id === RECEIPT ? receipt : null),
    list: () => [held],
    decide: async (id, decision) => {
      asked.decided.push([id, decision])
      return true
    },
  }
  return { app: appOver({ entries: [] }, { submissions, token: () => token }), asked }
}

type App = ReturnType<typeof appWith>['app']

function post(app: App, path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const body = new URLSearchParams(fields)
  return app.request(path, { method: 'POST', body, headers }, connectionFrom('192.0.2.9'))
}

const good = { new_trackers: 'udp://t.example.org:1' }

describe('POST /api/add', () => {
  it('takes newTrackon’s form with 204, for the client who sends it', async () => {
    const { app, asked } = appWith()
    const response = await post(app, '/api/add', good)
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(asked.submitted).toEqual([['udp://t.example.org:1', '192.0.2.9']])
  })

  it('takes a multipart form too', async () => {
    const { app, asked } = appWith()
    const body = new FormData()
    body.set('new_trackers', 'udp://t.example.org:1')
    expect((await app.request('/api/add', { method: 'POST', body })).status).toBe(204)
    expect(asked.submitted).toHaveLength(1)
  })

  it.each([
    ['nothing', {}],
    ['an empty field', { new_trackers: '' }],
    ['white space', { new_trackers: ' \r\n\t' }],
    ['another field', { trackers: 'udp://t.example.org:1' }],
  ])('answers 400 to %s', async (_, fields: Record<string, string>) => {
    const { app, asked } = appWith()
    const response = await post(app, '/api/add', fields)
    expect(response.status).toBe(400)
    expect(await response.text()).toBe('no trackers, expected them in the field "new_trackers"\n')
    expect(asked.submitted).toEqual([])
  })

  it.each([
    ['JSON', 'application/json', '{"new_trackers":"udp://t.example.org:1"}'],
    ['a broken form', 'multipart/form-data; boundary=x', '--x\r\nbroken'],
    ['a form without a boundary', 'multipart/form-data', 'new_trackers=udp://t.example.org:1'],
    ['bytes', 'application/octet-stream', '\u0000\uffff'],
  ])('answers 400 to %s', async (_, type, body) => {
    const { app } = appWith()
    const response = await app.request('/api/add', { method: 'POST', body, headers: { 'Content-Type': type } })
    expect(response.status).toBe(400)
  })

  it('takes 1,000,000 characters and answers 413 to one more', async () => {
    const { app } = appWith()
    expect((await post(app, '/api/add', { new_trackers: 'x'.repeat(1_000_000) })).status).toBe(204)
    expect((await post(app, '/api/add', { new_trackers: 'x'.repeat(1_000_001) })).status).toBe(413)
    expect((await post(app, '/api/add', { new_trackers: 'x'.repeat(5_000_000) })).status).toBe(413)
  })

  it('is closed unless the operator has opened it', async () => {
    const { app, asked } = appWith({ mode: 'off' })
    const response = await post(app, '/api/add', good)
    expect([response.status, await response.text()]).toEqual([403, 'submissions are closed here\n'])
    expect((await post(appOver({ entries: [] }), '/api/add', good)).status).toBe(403)
    expect(asked.submitted).toEqual([])
  })

  it.each<[string, Record<string, string>, Record<string, string>, number]>([
    ['as a header', {}, { Authorization: `Bearer ${SUBMITTER}` }, 204],
    ['as a field', { token: SUBMITTER }, {}, 204],
    ['that is wrong', { token: `${SUBMITTER}x` }, {}, 401],
    ['of the operator', { token: OPERATOR }, {}, 401],
    ['that is missing', {}, {}, 401],
  ])('in the mode "token" answers a token %s', async (_, fields, headers, status) => {
    const { app, asked } = appWith({ mode: 'token' })
    const response = await post(app, '/api/add', { ...good, ...fields }, headers)
    expect([response.status, asked.submitted.length]).toEqual([status, status === 204 ? 1 : 0])
  })

  it('lets nobody in by an empty token where none is configured', async () => {
    const { app } = appWith({ mode: 'token', token: null })
    expect((await post(app, '/api/add', { ...good, token: '' })).status).toBe(401)
  })

  it('is taken from our own page behind a reverse proxy that gives us a name of its own', async () => {
    const headers = { Origin: 'https://trackers.example', 'Sec-Fetch-Site': 'same-origin', Host: '127.0.0.1:10069' }
    expect((await post(appWith().app, '/api/add', good, headers)).status).toBe(204)
  })

  it.each<Record<string, string>>([{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }])(
    'is refused to a page of another site: %j',
    async (headers) => {
      const { app, asked } = appWith()
      expect((await post(app, '/api/add', good, headers)).status).toBe(403)
      expect(asked.submitted).toEqual([])
    },
  )

  it('answers 429 where the client has had its share', async () => {
    const { app } = appWith({}, { kind: 'refused', because: 'too many', busy: true })
    const response = await post(app, '/api/add', good)
    expect([response.status, response.headers.get('Retry-After')]).toEqual([429, '3600'])
  })

  it('answers 204 where every line was wrong, as newTrackon does', async () => {
    const { app } = appWith({}, { kind: 'refused', because: 'no scheme', busy: false })
    expect((await post(app, '/api/add', good)).status).toBe(204)
  })

  it('is limited per client before a body is read', async () => {
    const { app } = appWith()
    const statuses: number[] = []
    for (let i = 0; i < 21; i += 1) statuses.push((await post(app, '/api/add', good)).status)
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 204), 429])
  })

  it('answers 405 to a GET', async () => {
    expect((await appWith().app.request('/api/add')).status).toBe(405)
  })
})

describe('the page /submit', () => {
  it('is limited per client where it is sent, and not where it is looked at', async () => {
    const { app } = appWith()
    const look = () => app.request('/submit', {}, connectionFrom('192.0.2.9'))
    for (let i = 0; i < 20; i += 1)
      expect([(await look()).status, (await post(app, '/submit', good)).status]).toEqual([200, 303])
    expect([(await look()).status, (await post(app, '/submit', good)).status]).toEqual([200, 429])
    expect((await post(app, '/submit/review', { token: OPERATOR })).status).toBe(429)
  })

  it('has a form that works without JavaScript, with a token only where one is asked for', async () => {
    const open = await (await appWith().app.request('/submit')).text()
    expect(open).toMatch(/<form method="post" action="\/submit"/)
    expect(open).not.toContain('name="token"')
    expect(await (await appWith({ mode: 'token' }).app.request('/submit')).text()).toContain(
      'name="token" type="password"',
    )
  })

  it('says so where submissions are closed', async () => {
    const text = await (await appWith({ mode: 'off' }).app.request('/submit')).text()
    expect(text).toContain('takes no submissions')
    expect(text).not.toContain('<textarea')
  })

  it('leads to what became of each line, and looks again while one is waiting', async () => {
    const { app } = appWith()
    const sent = await post(app, '/submit', good, { Origin: 'http://localhost' })
    expect([sent.status, sent.headers.get('Location')]).toEqual([303, `/submit/${RECEIPT}`])
    const receipt = await app.request(`/submit/${RECEIPT}`)
    const text = await receipt.text()
    expect([receipt.status, receipt.headers.get('Refresh'), receipt.headers.get('Cache-Control')]).toEqual([
      200,
      '3',
      'no-store',
    ])
    expect(text).toContain('udp://&lt;b&gt;.example:1')
    expect(text).not.toContain('<b>')
  })

  it.each<[LineState, string]>([
    [{ kind: 'accepted' }, 'Accepted, watched from now on'],
    [{ kind: 'held' }, 'Answers, waits for the operator'],
    [{ kind: 'refused', because: 'is <i>watched</i> already', busy: false }, 'is &lt;i&gt;watched&lt;/i&gt; already'],
  ])('says of a line that is %j: %s', async (state, words) => {
    const { app } = appWith({}, state)
    const response = await app.request(`/submit/${RECEIPT}`)
    expect(await response.text()).toContain(words)
    expect(response.headers.get('Refresh')).toBeNull()
  })

  it('knows no other receipts', async () => {
    const { app } = appWith()
    expect((await app.request('/submit/ffffffffffffffffffffffffffffffff')).status).toBe(404)
    expect((await app.request('/submit/x')).status).toBe(404)
  })

  it('says what was wrong with what was sent, with its status', async () => {
    const { app } = appWith()
    const response = await post(app, '/submit', { new_trackers: '' })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('Nothing was submitted: no trackers')
    expect((await post(app, '/submit', good, { Origin: 'https://evil.example' })).status).toBe(403)
  })
})

describe('the review of submissions', () => {
  it('shows nothing before the token', async () => {
    const { app } = appWith()
    const door = await (await app.request('/submit/review')).text()
    expect(door).toContain('name="token" type="password"')
    expect(door).not.toContain('held.example')
  })

  it('shows what is held to the operator, as text', async () => {
    const response = await post(appWith().app, '/submit/review', { token: OPERATOR })
    const text = await response.text()
    expect([response.status, response.headers.get('Cache-Control')]).toEqual([200, 'no-store'])
    expect(text).toContain('udp://held.example.org:1/&quot;&gt;&lt;script&gt;')
    expect(text).not.toContain('<script>alert')
    expect(text).toContain('name="accept" value="0123456789ab"')
  })

  it('does what he decides', async () => {
    const { app, asked } = appWith()
    await post(app, '/submit/review', { token: OPERATOR, accept: held.id })
    await post(app, '/submit/review', { token: OPERATOR, reject: held.id })
    expect(asked.decided).toEqual([
      [held.id, 'accept'],
      [held.id, 'reject'],
    ])
  })

  it.each<[string, Record<string, string>, Record<string, string>, string | null]>([
    ['the wrong token', { token: SUBMITTER }, {}, OPERATOR],
    ['no token', {}, {}, OPERATOR],
    ['an empty token where none is configured', { token: '' }, {}, null],
    ['a page of another site', { token: OPERATOR }, { Origin: 'https://evil.example' }, OPERATOR],
  ])('is refused to %s', async (_, fields, headers, token) => {
    const { app, asked } = appWith({}, { kind: 'held' }, token)
    const response = await post(app, '/submit/review', { ...fields, accept: held.id }, headers)
    expect([response.status, asked.decided]).toEqual([403, []])
    expect(await response.text()).not.toContain('held.example')
  })

  it('is there for programs as JSON', async () => {
    const { app, asked } = appWith()
    const headers = { Authorization: `Bearer ${OPERATOR}` }
    const listed = JSON.parse(await (await app.request('/submit/review.json', { headers })).text())
    expect(listed.submissions).toMatchObject([
      { id: held.id, state: 'held', submittedAt: held.submittedAt.toISOString() },
    ])
    expect((await post(app, '/submit/review.json', { accept: held.id }, headers)).status).toBe(200)
    expect(asked.decided).toEqual([[held.id, 'accept']])
    const refused = await app.request('/submit/review.json')
    expect(await refused.text()).not.toContain('held.example')
    expect(refused.status).toBe(401)
  })

  it('lets nobody guess the token as often as he likes', async () => {
    const { app } = appWith()
    const guess = (): ReturnType<typeof app.request> =>
      app.request(
        '/submit/review.json',
        { headers: { Authorization: 'Bearer a-guess-0123456789' } },
        connectionFrom('192.0.2.9'),
      )
    for (let i = 0; i < 20; i += 1) expect((await guess()).status).toBe(401)
    expect((await guess()).status).toBe(429)
  })
})
