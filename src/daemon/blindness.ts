/** What keeps the monitor itself from seeing. */
export interface Blindness {
  setUplink(family: 4 | 6, up: boolean, detail: string): void
  setResolver(up: boolean): void
  /** Sentences without a full stop; empty while it sees. */
  sentences(): readonly string[]
}

export function createBlindness(): Blindness {
  const lost = new Map<string, string>()
  const set = (what: string, up: boolean, sentence: string): void => {
    if (up) lost.delete(what)
    else lost.set(what, sentence)
  }
  return {
    setUplink: (family, up, detail) =>
      set(`IPv${family}`, up, `This monitor’s own IPv${family} network is down: ${detail}`),
    setResolver: (up) => set('resolver', up, 'This monitor’s own name servers answer nothing'),
    sentences: () => [...lost.values()],
  }
}
