/**
 * Throws unless the text is well-formed XML 1.0, as far as our documents use it: an independent, strict reader of elements,
 * attributes in double quotes, the five entities, references to characters, and the characters that XML may hold.
 */
export function wellFormed(text: string): void {
  const unwritable = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(text)
  if (unwritable !== null) throw new Error(`character at ${unwritable.index} is not allowed in XML`)
  const open: string[] = []
  let at = /^<\?xml version="1\.0" encoding="utf-8"\?>\n/.exec(text)?.[0].length ?? 0
  const token =
    /<\/([A-Za-z:]+)>|<([A-Za-z:]+)((?: [A-Za-z:-]+="(?:[^<&"]|&(?:amp|lt|gt|quot|apos|#\d+);)*")*)(\/?)>|(?:[^<&]|&(?:amp|lt|gt|quot|apos|#\d+);)+/y
  while (at < text.length) {
    token.lastIndex = at
    const found = token.exec(text)
    if (found === null) throw new Error(`no XML at ${at}: ${JSON.stringify(text.slice(at, at + 60))}`)
    const [whole, closed, opened, , empty] = found
    if (closed !== undefined && open.pop() !== closed) throw new Error(`</${closed}> closes nothing at ${at}`)
    if (opened !== undefined && empty === '') open.push(opened)
    at += whole.length
  }
  if (open.length > 0) throw new Error(`<${open.join('><')}> is not closed`)
}
