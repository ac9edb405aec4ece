import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Compiles the store and a program of the tests into `directory` and returns the program's path: one that is started a
 * hundred times should not be compiled a hundred times.
 */
export function compileProgram(directory: string, program: string): string {
  const sources = ['src/store', 'src/tracker', 'test/store'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  for (const source of sources.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))) {
    const target = join(directory, source.replace(/ts$/, 'js'))
    const { outputText } = ts.transpileModule(readFileSync(join(root, source), 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
    })
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, outputText)
  }
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  // Where the store looks for the program of its threads.
  symlinkSync(join(directory, 'src'), join(directory, 'dist'))
  for (const name of ['node_modules', 'migrations']) symlinkSync(join(root, name), join(directory, name))
  return join(directory, relative(root, fileURLToPath(new URL(program, import.meta.url))).replace(/ts$/, 'js'))
}
