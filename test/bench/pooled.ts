/** Probes all targets, so many at once, and counts those that answered. */
export async function pooled(
  targets: readonly string[],
  { concurrency, timeoutMs }: { readonly concurrency: number; readonly timeoutMs: number },
  probe: (target: string, timeoutMs: number) => Promise<boolean>,
): Promise<{ answered: number }> {
  let next = 0
  let answered = 0
  const worker = async (): Promise<void> => {
    while (next < targets.length) {
      const target = targets[next++] ?? ''
      if (await probe(target, timeoutMs)) answered++
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return { answered }
}
