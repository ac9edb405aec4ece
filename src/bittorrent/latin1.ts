/** Bytes as text, one character per byte: nothing lost, and fit for a key of a Map. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
