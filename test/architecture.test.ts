import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const src = fileURLToPath(new URL('../src/', import.meta.url))

interface Import {
  readonly from: string
  /** A file under src, or a package. */
  readonly to: string
  readonly isType: boolean
}

/** Packages that we serve beside our own scripts, which import them from there: a declaration file stands in their place. */
const SERVED: Readonly<Record<string, string>> = { 'http/client/uplot.ts': 'uplot' }

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
  .toSorted()
const trees = new Map(files.map((file) => [file, parse(file)]))
const imports = files.flatMap(importsOf)
const ours = imports.filter(({ to }) => trees.has(to))
const packages = imports.filter(({ to }) => !trees.has(to))

/** What a folder, or a file that lies in none, may import at run time. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  tracker: [],
  bittorrent: ['tracker'],
  probe: ['tracker', 'bittorrent'],
  store: ['tracker'],
  // Of the store's rows what there is, to write them as text.
  export: ['tracker', 'store/transfer.ts'],
  geo: ['tracker'],
  metrics: ['tracker'],
  config: [
    'tracker',
    // What an info hash and a header are, to refuse at the door what could not be sent.
    'bittorrent/info-hash.ts',
    'bittorrent/request-headers.ts',
    'probe/probers.ts',
    'store/open.ts',
    'export/formats.ts',
    'export/lists.ts',
  ],
  monitor: ['tracker'],
  http: ['tracker', 'metrics', 'export'],
}
/** What it may beside that import for its types. */
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = {
  monitor: ['store'],
  http: ['store'],
  export: ['store'],
}
const COMPOSERS = ['daemon', 'cli', 'daemon.ts', 'cli.ts', 'index.ts']

/** Where each package is imported: one folder, or the few named. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'better-sqlite3': ['store/sqlite'],
  'drizzle-orm': ['store/sqlite'],
  bencode: ['bittorrent'],
  'ipaddr.js': ['probe'],
  ws: ['probe'],
  'mmdb-lib': ['geo'],
  'prom-client': ['metrics'],
  'node-cron': ['monitor', 'config'],
  hono: ['http'],
  '@hono/node-server': ['http'],
  '@hono/zod-openapi': ['http/api'],
  zod: ['config', 'http/api'],
  yaml: ['config'],
  commander: ['cli', 'cli.ts'],
  'cli-progress': ['cli'],
  pino: ['daemon', 'daemon.ts', 'cli'],
  uplot: ['http/client'],
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(src, file), 'utf8'), ts.ScriptTarget.Latest, true)
}

/** Static and dynamic imports, and `export … from`. */
function importsOf(file: string): Import[] {
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, isType: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return
    found.push({ from: file, to: resolved(file, specifier.text), isType })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node))
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeExport(node))
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false)
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true)
    ts.forEachChild(node, visit)
  }
  const tree = trees.get(file)
  if (tree !== undefined) visit(tree)
  return found
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const { name, namedBindings } = importClause
  return (
    name === undefined &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.every((element) => element.isTypeOnly)
  )
}

function isTypeExport({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean {
  if (isTypeOnly || exportClause === undefined || !ts.isNamedExports(exportClause)) return isTypeOnly
  return exportClause.elements.every((element) => element.isTypeOnly)
}

/** The file under src, or the name of the package without what follows it. */
function resolved(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier
  const path = relative(src, join(src, dirname(file), specifier)).replace(/\.js$/, '.ts')
  return SERVED[path] ?? (files.includes(path) ? path : path.replace(/\.ts$/, '.tsx'))
}

function folderOf(file: string): string {
  return file.split('/')[0] ?? file
}

function isIn(file: string, places: readonly string[]): boolean {
  return places.some((place) => file === place || file.startsWith(`${place}/`))
}

describe('the files under src', () => {
  it('are there, with their imports', () => {
    expect(files).toContain('tracker/tracker.ts')
    expect(ours).toContainEqual({ from: 'probe/udp.ts', to: 'bittorrent/udp-packets.ts', isType: false })
    expect(ours).toContainEqual({ from: 'probe/udp.ts', to: 'tracker/outcome.ts', isType: true })
    expect(packages).toContainEqual({ from: 'probe/ws.ts', to: 'ws', isType: false })
  })

  it('import only what their folder may import', () => {
    const wrong = ours.filter(({ from, to, isType }) => {
      const folder = folderOf(from)
      if (folderOf(to) === folder || COMPOSERS.includes(folder)) return false
      const allowed = [...(MAY_IMPORT[folder] ?? []), ...(isType ? (MAY_IMPORT_TYPES[folder] ?? []) : [])]
      return !isIn(to, allowed)
    })
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  })

  it('import only files that are there', () => {
    const missing = packages.filter(({ to }) => to.startsWith('.') || to.endsWith('.ts') || to.endsWith('.tsx'))
    expect(missing).toEqual([])
  })

  it('import each npm package in its folder alone', () => {
    const wrong = packages.filter(({ from, to }) => {
      const isBuiltin = to.startsWith('node:')
      return !isBuiltin && !isIn(from, PACKAGES[to] ?? [])
    })
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  })

  it('name modules of Node as such', () => {
    const bare = packages.filter(({ to }) => builtinModules.includes(to))
    expect(bare.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  })

  it('of the domain and of the wire formats do not touch the world', () => {
    const allowed = ['node:net', 'node:crypto', 'node:util', 'node:buffer']
    const wrong = packages.filter(({ from, to }) => {
      const isPure = isIn(from, ['tracker', 'bittorrent'])
      return isPure && to.startsWith('node:') && !allowed.includes(to)
    })
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
    // Of node:net they take what judges an address.
    const sockets = /\b(?:connect|createConnection|createServer|Socket)\b/
    const touching = files.filter((file) => isIn(file, ['tracker', 'bittorrent']) && sockets.test(netImport(file)))
    expect(touching).toEqual([])
  })

  it('do not import each other in a circle', () => {
    expect(circles()).toEqual([])
  })

  it('have at most 300 lines', () => {
    const long = files
      .map((file) => ({ file, lines: trees.get(file)?.text.trimEnd().split('\n').length ?? 0 }))
      .filter(({ lines }) => lines > 300)
    expect(long).toEqual([])
  })

  it('export by name', () => {
    const texts = [...trees].filter(([, tree]) => tree.statements.some(isStarOrDefaultExport))
    expect(texts.map(([file]) => file)).toEqual([])
  })

  it('have functions of at most 60 lines', () => {
    const long = [...trees].flatMap(([file, tree]) =>
      functionsIn(tree)
        .filter(({ lines }) => lines > 60)
        .map((one) => `${file}: ${one.name} ${one.lines}`),
    )
    expect(long).toEqual([])
  })

  it('keep classes for errors', () => {
    const classes = [...trees].flatMap(([file, tree]) => classesIn(tree).map((one) => `${file}: ${one}`))
    expect(classes.filter((one) => !one.endsWith('Error'))).toEqual([])
  })

  it('are for index.ts only a list of exports', () => {
    const kinds = trees
      .get('index.ts')
      ?.statements.map((statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined)
    expect(kinds).toEqual(kinds?.map(() => true))
  })
})

function netImport(file: string): string {
  return /import \{([^}]*)\} from 'node:net'/.exec(trees.get(file)?.text ?? '')?.[1] ?? ''
}

function isStarOrDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true
  return (
    ts.isExportDeclaration(statement) &&
    (statement.exportClause === undefined || ts.isNamespaceExport(statement.exportClause))
  )
}

interface Extent {
  readonly name: string
  readonly lines: number
}

/** Each with its own lines: what a factory's inner functions do is theirs. */
function functionsIn(tree: ts.SourceFile): Extent[] {
  const found: Extent[] = []
  const line = (at: number): number => tree.getLineAndCharacterOfPosition(at).line
  /** Lines of the functions below a node. */
  const visit = (node: ts.Node): number => {
    let inner = 0
    ts.forEachChild(node, (child) => {
      inner += visit(child)
    })
    if (!(ts.isFunctionLike(node) && 'body' in node && node.body !== undefined)) return inner
    const lines = line(node.end) - line(node.getStart(tree)) + 1
    found.push({ name: node.name?.getText(tree) ?? '(anonymous)', lines: lines - inner })
    // One-liners inside a line stay part of it.
    return lines > 1 ? lines : 0
  }
  visit(tree)
  return found
}

/** Each with what it extends, as in `TimeoutError extends TrackerQueryError`. */
function classesIn(tree: ts.SourceFile): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isClassLike(node)) {
      const parent = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)
      found.push(`${node.name?.text ?? '(anonymous)'} extends ${parent?.types[0]?.getText(tree) ?? 'nothing'}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

/** Circles among the imports, types included: `a → b → a`. */
function circles(): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file)
    if (at !== -1) found.push([...path.slice(at), file].join(' → '))
    if (at !== -1 || done.has(file)) return
    for (const { from, to } of ours) if (from === file) walk(to, [...path, file])
    done.add(file)
  }
  for (const file of files) walk(file, [])
  return found
}
