import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ListError, parseTrackerList } from '../../src/tracker/list.js'

const urls = (text: string) => parseTrackerList(text).trackers.map(({ tracker }) => tracker.url)
const a = 'udp://a.example:1/announce'
const b = 'http://b.example:80/announce'
const c = 'wss://c.example:443/'

describe('parseTrackerList', () => {
  it.each([
    ['one URL per line', `${a}\n${b}\n${c}\n`],
    ['an empty line after each, as lists are published', `${a}\n\n${b}\n\n${c}\n\n`],
    ['CRLF and CR line ends', `${a}\r\n${b}\r${c}`],
    ['a byte-order mark', `\ufeff${a}\n${b}\n${c}`],
    ['commas, as aria2 wants them', `${a},${b},${c}`],
    ['commas with white space, and one too many', `${a}, ${b} ,,\t${c},\n`],
    ['white space between URLs', `  ${a} ${b}\t\u00a0${c}  `],
    ['comments of a whole line', `# list\n${a}\n  ; more\n${b}\n#${b}\n${c}`],
    ['comments after a URL', `${a} # Germany\n${b}\t; down, often\n${c} #`],
    ['duplicates, of which the first counts', `${a}\n${b}\n${a}\n${c}\nHTTP://B.example/announce\n${b}`],
  ])('reads %s', (_, text) => {
    expect(parseTrackerList(text)).toMatchObject({ problems: [] })
    expect(urls(text)).toEqual([a, b, c])
  })

  it('takes a # or ; inside a URL as part of it', () => {
    expect(urls('http://h.example/a;b?c;d#e')).toEqual(['http://h.example:80/a;b?c;d'])
  })

  it('takes a comma inside a URL as part of it', () => {
    expect(urls('http://h.example/a,b?c=d,e')).toEqual(['http://h.example:80/a,b?c=d,e'])
  })

  it('finds nothing in a text of blanks and comments', () => {
    expect(parseTrackerList('\ufeff\n \t\n# nothing\n,,\n')).toEqual({ trackers: [], problems: [] })
  })

  it('keeps each entry as given, with its line, and of duplicates the first', () => {
    expect(parseTrackerList(`# two\nHTTP://B.example/announce\n\n${a}\n${b}`).trackers).toMatchObject([
      { given: 'HTTP://B.example/announce', line: 2 },
      { given: a, line: 4 },
    ])
  })

  it('names line, column and problem of an entry that is no tracker, and reads on', () => {
    const text = `${a}\n  tracker.example:80/announce # no scheme\n${b}, udp://h.example, ${c}`
    expect(urls(text)).toEqual([a, b, c])
    expect(parseTrackerList(text).problems).toMatchObject([
      { line: 2, column: 3, text: 'tracker.example:80/announce', problem: { code: 'url.no_scheme' } },
      { line: 3, column: 31, text: 'udp://h.example', problem: { code: 'url.missing_port' } },
    ])
  })

  it('reports words after a URL once, with the URL', () => {
    expect(parseTrackerList(`${a} works fine\n`).problems).toMatchObject([
      { line: 1, column: 1, text: `${a} works fine`, problem: { code: 'url.malformed' } },
    ])
  })

  it('shows an entry that is no tracker without its passkey, control characters and excess length', () => {
    const [hidden, control, long] = parseTrackerList(
      `ftp://h.example/0123456789abcdef/announce\nudp://h\x07.example\nftp://h.example/${'ab-'.repeat(1000)}`,
    ).problems
    expect(hidden?.text).toBe('ftp://h.example/***/announce')
    expect(control?.text).toBe('udp://h?.example')
    expect(long?.text).toMatch(/^.{100}…$/)
  })
})

describe('what is no list', () => {
  it.each([
    ['a NUL byte', `${a}\n\0`, 'binary content (a NUL byte), expected UTF-8 text with one announce URL per line'],
    ['UTF-16', Buffer.from(`${a}\n`, 'utf16le').toString('utf8'), 'binary content (a NUL byte)'],
    ['bytes', Buffer.from(Array.from({ length: 99 }, (_, i) => 128 + i)).toString('utf8'), 'binary content, expected'],
    ['a page', '\n<!doctype html>\n<title>Not found</title>', 'an HTML or XML page, expected plain text'],
    ['a text above 8 MiB', ' '.repeat(8 * 1024 * 1024 + 1), '8388609 characters, expected at most 8 MiB'],
  ])('%s is refused as a whole', (_, text, message) => {
    expect(() => parseTrackerList(text)).toThrow(ListError)
    expect(() => parseTrackerList(text)).toThrow(message)
  })

  const numbered = (count: number) => Array.from({ length: count }, (_, i) => `udp://h${i}.example:1`).join('\n')

  it('50,000 trackers are a list, one more is not', () => {
    expect(parseTrackerList(numbered(50_000)).trackers).toHaveLength(50_000)
    expect(() => parseTrackerList(numbered(50_001))).toThrow('more than 50,000 trackers, expected at most that many')
  })

  it('a flood of bad entries is not collected without end', () => {
    expect(() => parseTrackerList('x\n'.repeat(50_001))).toThrow('more than 50,000 entries that are no announce URL')
  })

  it.each([' ', ',', ' ,', '\t;', 'a,', 'a://,', '\n'])('8 MiB of %j are read in linear time', (unit) => {
    const text = unit.repeat((8 * 1024 * 1024) / unit.length)
    const read = () => {
      try {
        return parseTrackerList(text).problems.length
      } catch (error) {
        if (error instanceof ListError) return error.message
        throw error
      }
    }
    // Anything quadratic takes hours here and runs into the timeout of the test.
    expect(read()).toBeDefined()
  })
})

describe('any text', () => {
  it('gives trackers that are distinct, and problems that point into the text', () => {
    const word = fc.constantFrom(a, b, 'udp://x', ' ', ',', '#', ';', '\n', '\r\n', '\r', 'é', '://', 'x')
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const text = words.join('')
        const { trackers, problems } = parseTrackerList(text)
        expect(new Set(trackers.map(({ tracker }) => tracker.url)).size).toBe(trackers.length)
        const lines = text.split(/\r\n|\r|\n/)
        for (const problem of problems) {
          expect(lines[problem.line - 1]?.slice(problem.column - 1, problem.column)).toBe(problem.text.slice(0, 1))
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

const published = new URL('../../../shared/trackers/', import.meta.url)
describe.skipIf(!existsSync(published))('published lists (skipped where ../shared/trackers is absent)', () => {
  const files = existsSync(published) ? readdirSync(published).filter((name) => name.endsWith('.txt')) : []

  it.each(files)('every entry of %s parses', (name) => {
    const text = readFileSync(new URL(name, published), 'utf8')
    const entries = text.split('\n').filter((line) => line.trim() !== '')
    const { trackers, problems } = parseTrackerList(text)
    expect(problems).toEqual([])
    expect(trackers.map(({ given }) => given)).toEqual(entries)
  })

  it('there are some', () => {
    expect(files.length).toBeGreaterThan(0)
  })
})
