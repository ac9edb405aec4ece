import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'

export interface ListFile {
  /** File name without a directory. */
  readonly name: string
  readonly text: string
}

export interface WrittenLists {
  readonly written: readonly string[]
  /** Names whose file had this content already; it keeps its modification time. */
  readonly unchanged: readonly string[]
}

/**
 * Writes files so that a reader never sees half of one: beside the target, to the disk, then renamed over it. Creates
 * the directory; removes nothing that it did not write. One file that fails does not keep the others from being
 * written.
 * @throws Error that names every file that could not be written, with the first failure as its cause.
 */
export async function writeLists(directory: string, files: readonly ListFile[]): Promise<WrittenLists> {
  await mkdir(directory, { recursive: true }).catch((cause: unknown) => {
    throw new Error(`list directory ${directory} could not be created: ${reasonOf(cause)}`, { cause })
  })
  const written: string[] = []
  const unchanged: string[] = []
  const failures: { path: string; cause: unknown }[] = []
  for (const file of files) {
    const path = join(directory, file.name)
    try {
      ;((await replaceFile(directory, file)) ? written : unchanged).push(file.name)
    } catch (cause) {
      failures.push({ path, cause })
    }
  }
  const [first] = failures
  if (first !== undefined) {
    const which = failures.map(({ path, cause }) => `${path}: ${reasonOf(cause)}`).join('; ')
    throw new Error(`${failures.length} of ${files.length} list files could not be written: ${which}`, {
      cause: first.cause,
    })
  }
  return { written, unchanged }
}

async function replaceFile(directory: string, { name, text }: ListFile): Promise<boolean> {
  if (name !== basename(name) || name === '' || name === '.' || name === '..') {
    throw new Error(`"${name}" is no file name`)
  }
  const path = join(directory, name)
  if ((await contentOf(path)) === text) return false
  const temporary = join(directory, `.${randomUUID()}.tmp`)
  try {
    await writeDurably(temporary, text)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}) // the first error tells more
    throw error
  }
  return true
}

async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function contentOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
