/** A text with its variables replaced, or what is wrong with them. */
export type Substitution =
  | { readonly text: string; readonly problem?: never }
  | { readonly problem: string; readonly text?: never }

/**
 * Replaces `${NAME}` and `${NAME:-default}` (the default also for an empty variable, as in a shell); `$${` stands for
 * `${`. What is put in is not looked at again. A variable that is not set and has no default is a problem.
 */
export function substitute(text: string, env: NodeJS.ProcessEnv): Substitution {
  const problems: string[] = []
  const replaced = text.replace(
    /\$\$\{|\$\{(?:([A-Za-z_]\w*)(?::-([^}]*))?\})?/g,
    (whole: string, name: string | undefined, fallback: string | undefined) => {
      if (whole === '$${') return '${'
      if (name === undefined) {
        problems.push(`unfinished "\${", expected \${NAME} or \${NAME:-default}, or $\${ for the characters themselves`)
        return ''
      }
      const value = env[name]
      if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
      if (value === undefined) problems.push(`environment variable ${name} is not set and has no default`)
      return value ?? ''
    },
  )
  return problems.length === 0 ? { text: replaced } : { problem: problems.join('; ') }
}
