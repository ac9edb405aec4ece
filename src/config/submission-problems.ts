import type { Settings } from './schema.js'

/** What keys that are right by themselves get wrong together. */
export function submissionProblems({ submissions, groups, token }: Settings): readonly {
  readonly path: readonly string[]
  readonly message: string
}[] {
  const { mode, review, group } = submissions
  const problems: { path: readonly string[]; message: string }[] = []
  if (groups.some(({ name }) => name === group)) {
    const message = `"${group}" is the name of a group in "groups", expected another one for submissions alone`
    problems.push({ path: ['submissions', 'group'], message })
  }
  if (mode === 'token' && submissions.token === '') {
    problems.push({ path: ['submissions', 'token'], message: 'none, expected one for "mode: token"' })
  }
  if (mode !== 'off' && review === 'hold' && token === '') {
    const message = '"hold", expected "token" to be set as well: nobody could accept what is held'
    problems.push({ path: ['submissions', 'review'], message })
  }
  return problems
}
