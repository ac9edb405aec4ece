/** What README.md shows as code. */
export interface Block {
  readonly language: string
  readonly text: string
  /** Of the opening fence, from 1. */
  readonly line: number
}

export interface ShellCommand {
  readonly text: string
  /** As the comment behind the command says; 0 where there is none. */
  readonly exitCode: number
}

export function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(({ index, 1: language = '', 2: text = '' }) => {
    return { language, text, line: markdown.slice(0, index).split('\n').length }
  })
}

/** One command per line. */
export function commandsOf(block: Block): readonly ShellCommand[] {
  return block.text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [text = '', comment = ''] = line.split(/ {2,}# /)
      return { text, exitCode: Number(/^exit code (\d+)/.exec(comment)?.[1] ?? 0) }
    })
}

/** What the comments `// → …` say that an example prints, line by line. */
export function promisedOutput(block: Block): readonly string[] {
  return [...block.text.matchAll(/\/\/ → (.*)$/gm)].map(([, line = '']) => line)
}

/** Whether a line reads as promised, where `…` stands for anything. */
export function isAsPromised(line: string, promised: string): boolean {
  const parts = promised.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(line)
}

/** Cells of each row of the tables below a heading, without the head of a table. */
export function tableRows(markdown: string, heading: string): readonly (readonly string[])[] {
  const [, section = ''] = markdown.split(`\n## ${heading}\n`)
  const [own = ''] = section.split('\n## ')
  return own
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}
