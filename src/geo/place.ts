import type { Place } from '../tracker/place.js'

/**
 * What databases in the MMDB format say of an address. There are two shapes: nested as MaxMind and DB-IP write it, and
 * flat as IPinfo does. What is neither is nothing.
 */

export function countryOf(record: unknown): Place['country'] {
  const fields = fieldsOf(record)
  const nested = textOf(fieldsOf(fields.country).iso_code)
  const code = nested ?? textOf(fields.country_code) ?? textOf(fields.country)
  return code !== null && /^[A-Z]{2}$/.test(code) ? code : null
}

export function networkOf(record: unknown): Place['network'] {
  const fields = fieldsOf(record)
  const number = numberOf(fields.autonomous_system_number) ?? textOf(fields.asn)
  const name = textOf(fields.autonomous_system_organization) ?? textOf(fields.as_name)
  const parts = [number, name].filter((part) => part !== null)
  return parts.length === 0 ? null : parts.join(' ')
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, 100) : null
}

function numberOf(value: unknown): string | null {
  return typeof value === 'number' ? `AS${value}` : null
}
