import { expect } from 'vitest'

/** Variants of one case by what is special about them: what is given, and what has to come of it. */
export type Variants<Given, Found> = Readonly<Record<string, readonly [given: Given, expected: Found]>>

/** Goes through all variants at once, and compares everything at once: a failure names the variant. */
export async function expectEach<Given, Found>(
  variants: Variants<Given, Found>,
  find: (given: Given) => Found | Promise<Found>,
): Promise<void> {
  const entries = Object.entries(variants)
  const found = await Promise.all(entries.map(async ([name, [given]]) => [name, await find(given)] as const))
  const expected = entries.map(([name, [, wanted]]) => [name, wanted] as const)
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
}
