import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

/** A file that cannot be read, in words for the operator. */
export class FileError extends Error {
  override readonly name = 'FileError'
}

/** A regular file of at most `maxBytes` as UTF-8 text. Throws a `FileError` for anything else. */
export async function readTextFile(file: string, maxBytes: number): Promise<string> {
  return (await readBinaryFile(file, maxBytes)).toString('utf8')
}

/** The bytes of a regular file of at most `maxBytes`. Anything else, a pipe for one, is refused before it can block. */
export async function readBinaryFile(file: string, maxBytes: number): Promise<Buffer> {
  try {
    const found = await stat(file)
    if (found.isDirectory()) throw new FileError('is a directory, expected a file')
    if (!found.isFile()) throw new FileError('is no regular file')
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of createReadStream(file)) {
      if (!Buffer.isBuffer(chunk)) continue
      length += chunk.length
      if (length > maxBytes) throw new FileError(`more than ${maxBytes} bytes, expected at most that many`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch (error) {
    throw fileError(error)
  }
}

/** The failure of a read as a `FileError`; what is none stays as it is. */
export function fileError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return new FileError('no such file', { cause: error })
  if (error.code === 'EISDIR') return new FileError('is a directory, expected a file', { cause: error })
  if (error.code === 'EACCES' || error.code === 'EPERM')
    return new FileError('no permission to read it', { cause: error })
  return new FileError(`cannot be read (${String(error.code)})`, { cause: error })
}
