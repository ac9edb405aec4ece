import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addEncoded,
  addLatency,
  createHistogram,
  encodeHistogram,
  type LatencyHistogram,
  latencyAt,
} from '../../src/tracker/latency-histogram.js'

const latencies = fc.array(fc.double({ min: 0.05, max: 1_200_000, noNaN: true }), { maxLength: 200 })

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = createHistogram()
  for (const value of values) addLatency(histogram, value)
  return histogram
}

function nearestRank(values: readonly number[], quantile: number): number {
  const ascending = values.toSorted((a, b) => a - b)
  return ascending[Math.max(1, Math.ceil(quantile * values.length)) - 1] ?? Number.NaN
}

describe('a histogram of latencies', () => {
  it('has no quantile before it has a latency', () => {
    expect(latencyAt(createHistogram(), 0.5)).toBeNull()
  })

  it('tells any quantile within 4 % of the truth', () => {
    fc.assert(
      fc.property(latencies, fc.constantFrom(0, 0.5, 0.95, 0.99, 1), (values, quantile) => {
        fc.pre(values.length > 0)
        const told = latencyAt(histogramOf(values), quantile) ?? Number.NaN
        expect(Math.abs(told / nearestRank(values, quantile) - 1)).toBeLessThan(0.04)
      }),
    )
  })

  it('keeps what is faster or slower than its scale at the ends of it', () => {
    expect(latencyAt(histogramOf([0, 0.001]), 1)).toBeCloseTo(0.05)
    expect(latencyAt(histogramOf([1e9]), 0.5)).toBeGreaterThan(1_000_000)
  })

  it('is the same whether the parts are added up in memory or as stored, in any order', () => {
    fc.assert(
      fc.property(fc.array(latencies, { maxLength: 5 }), (parts) => {
        const whole = histogramOf(parts.flat())
        const added = createHistogram()
        for (const part of parts.toReversed()) addEncoded(added, encodeHistogram(histogramOf(part)))
        expect(added).toEqual(whole)
      }),
    )
  })

  it('takes few bytes for an hour of six checks, and none for none', () => {
    expect(encodeHistogram(createHistogram())).toHaveLength(0)
    expect(encodeHistogram(histogramOf([40, 41, 42, 44, 47, 120])).length).toBeLessThanOrEqual(12)
  })

  it('refuses bytes that are not its own', () => {
    const refusal =
      (...bytes: number[]) =>
      () =>
        addEncoded(createHistogram(), Uint8Array.from(bytes))
    expect(refusal(1)).toThrow('latency histogram of 1 bytes, expected more')
    expect(refusal(0x80)).toThrow('expected more')
    expect(refusal(0xff, 0xff, 0xff, 0xff, 0xff, 1)).toThrow('more than 35 bits')
    expect(refusal(0xe1, 1, 1)).toThrow('bucket 224, expected less than 224')
  })
})
