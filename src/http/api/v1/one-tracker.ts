import { z } from '@hono/zod-openapi'
import type { TrackerState } from '../../../tracker/state.js'
import type { ApiStore } from './deps.js'
import { ProblemError } from './problem.js'
import { id } from './values.js'

/** What the routes of one tracker share. */

export const trackerParams = z.object({ id: id.openapi({ description: 'The id of the tracker.' }) })

/** @throws {ProblemError} if no tracker has or had this id */
export async function trackerOf(store: ApiStore, id: string): Promise<TrackerState> {
  const state = await store.find(id)
  if (state !== null) return state
  throw new ProblemError('not-found', `no tracker has the id "${id}"`)
}
