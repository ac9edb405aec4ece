/** The bytes that a text in a URL stands for: of `%XX` one each, of other characters the low byte. Never throws. */
export function percentDecoded(text: string): Buffer {
  const raw = text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
  return Buffer.from(raw, 'latin1')
}
