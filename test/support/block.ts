/** Nothing else happens in this process for so long. */
export function block(ms: number): void {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}
