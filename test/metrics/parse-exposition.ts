/**
 * Reads Prometheus text format 0.0.4, character by character, sharing nothing with the writer. Stricter than
 * Prometheus: a family's samples have to follow their own TYPE line, and a series may appear only once.
 */
export interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ParsedFamily {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: ParsedSample[]
}

export function parseExposition(text: string): Map<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('last line is not terminated')
  const families = new Map<string, ParsedFamily>()
  const series = new Set<string>()
  let help: { name: string; text: string } | null = null
  let family: ParsedFamily | null = null
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line)
    if (comment?.[1] === 'HELP') {
      help = { name: comment[2] ?? '', text: comment[3] ?? '' }
      continue
    }
    if (comment !== null) {
      const name = comment[2] ?? ''
      if (help?.name !== name) throw new Error(`TYPE of ${name} without its HELP in front`)
      if (families.has(name)) throw new Error(`family ${name} appears twice`)
      family = { name, type: comment[3] ?? '', help: help.text, samples: [] }
      families.set(name, family)
      continue
    }
    const sample = parseSample(line)
    if (family === null || baseName(sample.name, family.type) !== family.name) {
      throw new Error(`sample outside its family: ${line}`)
    }
    const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`
    if (series.has(key)) throw new Error(`duplicate series: ${key}`)
    series.add(key)
    family.samples.push(sample)
  }
  return families
}

function baseName(name: string, type: string): string {
  return type === 'histogram' ? name.replace(/_(?:bucket|sum|count)$/, '') : name
}

function parseSample(line: string): ParsedSample {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0]
  if (name === undefined) throw new Error(`no metric name: ${line}`)
  const labels: Record<string, string> = {}
  let at = name.length
  if (line[at] === '{') {
    at += 1
    while (line[at] !== '}') {
      const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="/.exec(line.slice(at))
      if (label?.[1] === undefined) throw new Error(`expected a label at ${at}: ${line}`)
      at += label[0].length
      let value = ''
      for (; line[at] !== '"'; at += 1) {
        const character = line[at]
        if (character === undefined) throw new Error(`unterminated label value: ${line}`)
        if (character !== '\\') value += character
        else {
          at += 1
          const escaped = { n: '\n', '"': '"', '\\': '\\' }[line[at] ?? '']
          if (escaped === undefined) throw new Error(`unknown escape: ${line}`)
          value += escaped
        }
      }
      if (label[1] in labels) throw new Error(`label ${label[1]} twice: ${line}`)
      labels[label[1]] = value
      at += 1
      if (line[at] === ',') at += 1
    }
    at += 1
  }
  const value = /^ ([+-]?(?:Inf|\d[\d.e+-]*))$/.exec(line.slice(at))?.[1]
  if (value === undefined) throw new Error(`expected a number and nothing else: ${line}`)
  return { name, labels, value: value.endsWith('Inf') ? Number(`${value}inity`) : Number(value) }
}
