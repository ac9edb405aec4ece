import { createHash, timingSafeEqual } from 'node:crypto'

/** The token of an `Authorization: Bearer …` header, or null. */
export function bearerToken(request: Request): string | null {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(request.headers.get('Authorization') ?? '')?.[1] ?? null
}

/** Whether a token is the one expected, in a time that tells nothing about either. Without one expected, none is. */
export function isToken(given: string | null, expected: string | null): boolean {
  if (given === null || expected === null) return false
  return timingSafeEqual(digest(given), digest(expected))
}

/** Of equal length, whatever the text. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
