import { z } from 'zod'
import { GROUP_NAME, whole } from './fields.js'

/** What a program may show to be let in. Values are never repeated in a problem. */
export const token = z
  .string({ error: 'no text, expected one, in quotes where it looks like a number' })
  .regex(/^(?:[\x21-\x7e]{16,256})?$/, { error: 'expected 16 to 256 printable ASCII characters without spaces' })

export const submissionModes = ['off', 'token', 'open'] as const
export const submissionReviews = ['hold', 'accept'] as const

/** Trackers that visitors propose. */
export const submissions = z
  .strictObject({
    mode: z
      .enum(submissionModes)
      .default('off')
      .describe('Who may submit trackers. `off`: nobody; `token`: whoever knows `submissions.token`; `open`: anybody.'),
    token: token.default('').describe('What submitters show with `mode: token`, 16 to 256 characters. Empty: none.'),
    review: z
      .enum(submissionReviews)
      .default('hold')
      .describe('What becomes of one that answers. `hold`: it waits for the operator; `accept`: it is watched.'),
    group: z.string().regex(GROUP_NAME).default('submitted').describe('Group of its own in which they are watched.'),
    max: whole(1, 50_000, 'Trackers accepted or held, all together.').default(1000),
    per_hour: whole(
      1,
      100_000,
      'Trackers that one client may have checked in an hour; all clients together: ten times.',
    ).default(60),
    file: z
      .string()
      .min(1)
      .default('data/submissions.json')
      .describe('Where they are kept, from the working directory.'),
  })
  .prefault({})
  .describe('Trackers that visitors propose.')
