import type { Stretch } from './history-view.js'

/** The course of a window as one line each: how available, how quick. */
export interface Bars {
  readonly availability: string
  readonly latency: string
  /** What the signs of `availability` mean. */
  readonly legend: string
}

interface Signs {
  /** From the share of uptime that it stands for on; the last is for none at all. */
  readonly availability: readonly (readonly [least: number, sign: string])[]
  readonly unobserved: string
  /** From the quickest to the slowest. */
  readonly latency: string
  readonly legend: string
}

const unicode: Signs = {
  availability: [
    [1, '█'],
    [0.9, '▆'],
    [0.5, '▄'],
    [Number.MIN_VALUE, '▂'],
    [0, '✗'],
  ],
  unobserved: '·',
  latency: '▁▂▃▄▅▆▇█',
  legend: '█ 100 %  ▆ 90 %  ▄ 50 %  ▂ less  ✗ 0 %  · not observed',
}

const ascii: Signs = {
  availability: [
    [1, '#'],
    [0.9, '+'],
    [0.5, '='],
    [Number.MIN_VALUE, '-'],
    [0, 'x'],
  ],
  unobserved: '.',
  latency: '12345678',
  legend: '# 100 %  + 90 %  = 50 %  - less  x 0 %  . not observed',
}

/** Block characters, but where the locale says that they cannot be shown. */
export function barsOf(stretches: readonly Stretch[], env: NodeJS.ProcessEnv): Bars {
  const signs = isUnicode(env) ? unicode : ascii
  const known = stretches.flatMap(({ latencyMs }) => latencyMs ?? [])
  const [least, most] = [Math.min(...known), Math.max(...known)]
  const latencySign = (ms: number | null): string => {
    if (ms === null) return ' '
    const levels = signs.latency.length
    // Between the quickest and the slowest; of a steady tracker all are the quickest.
    const level = most === least ? 0 : Math.min(levels - 1, Math.floor(((ms - least) / (most - least)) * levels))
    return signs.latency[level] ?? ' '
  }
  const availabilitySign = (uptime: number | null): string =>
    (uptime === null ? undefined : signs.availability.find(([from]) => uptime >= from)?.[1]) ?? signs.unobserved
  return {
    availability: stretches.map(({ uptime }) => availabilitySign(uptime)).join(''),
    latency: stretches.map(({ latencyMs }) => latencySign(latencyMs)).join(''),
    legend: signs.legend,
  }
}

function isUnicode({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== '')
  return locale === undefined || /utf-?8/i.test(locale)
}
