import { type Context, Hono } from 'hono'
import type { AppDeps } from '../deps.js'
import { isCrossSite } from '../same-site.js'
import { formFields, receiveSubmission } from '../submission-door.js'
import { decisions, type Submission } from '../submissions.js'
import { bearerToken, isToken } from '../tokens.js'
import { Missing, type PageParts, page } from './page.js'
import { ReceiptPage, SubmitPage } from './submit-page.js'
import { ReviewDoor, ReviewPage } from './submit-review-page.js'

const LOOK_AGAIN_S = 3

/** `/submit`, `/submit/<receipt>` and, for the operator, `/submit/review` and the same as `.json`. */
export function submitRoutes({ deps, site }: PageParts): Hono {
  const { submissions } = deps
  const app = new Hono()
  app.get('/submit', (c) => page(c, 200, <SubmitPage site={site()} rules={submissions.rules()} />))
  app.post('/submit', async (c) => {
    const submitted = await receiveSubmission(c, deps)
    if (submitted.receipt !== undefined) return c.redirect(`/submit/${submitted.receipt.id}`, 303)
    const { problem, status } = submitted
    return page(c, status, <SubmitPage site={site()} rules={submissions.rules()} problem={problem} />)
  })
  app.get('/submit/review', (c) => page(c, 200, <ReviewDoor site={site()} wrong={false} />))
  app.post('/submit/review', async (c) => {
    const fields = await formFields(c)
    const token = fields.get('token') ?? null
    if (isCrossSite(c.req.raw) || token === null || !isToken(token, deps.token())) {
      return page(c, 403, <ReviewDoor site={site()} wrong={true} />)
    }
    await decide(deps, fields)
    return page(c, 200, <ReviewPage site={site()} submissions={submissions.list()} token={token} now={deps.now()} />)
  })
  app.get('/submit/review.json', (c) => reviewJson(c, deps, async () => {}))
  app.post('/submit/review.json', (c) => reviewJson(c, deps, async () => decide(deps, await formFields(c))))
  app.get('/submit/:receipt{[0-9a-f]{32}}', (c) => {
    const receipt = submissions.receipt(c.req.param('receipt'))
    if (receipt === null) return page(c, 404, <Missing site={site()} what="This submission is not known any more." />)
    if (receipt.lines.some(({ state }) => state.kind === 'waiting')) c.header('Refresh', String(LOOK_AGAIN_S))
    return page(c, 200, <ReceiptPage site={site()} receipt={receipt} />)
  })
  return app
}

/** The fields `accept` and `reject` name a submission by its id. */
async function decide({ submissions }: AppDeps, fields: ReadonlyMap<string, string>): Promise<void> {
  for (const decision of decisions) {
    const id = fields.get(decision)
    if (id !== undefined) await submissions.decide(id, decision)
  }
}

async function reviewJson(c: Context, deps: AppDeps, change: () => Promise<void>): Promise<Response> {
  if (!isToken(bearerToken(c.req.raw), deps.token())) {
    c.header('WWW-Authenticate', 'Bearer realm="trackerwatch"')
    return c.json({ problem: 'expected the "token" of the configuration as Authorization: Bearer TOKEN' }, 401)
  }
  await change()
  const listed: readonly Submission[] = deps.submissions.list()
  return c.json({ submissions: listed })
}
