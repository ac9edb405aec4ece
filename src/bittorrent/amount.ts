const UINT64_LIMIT = 2n ** 64n

/** Throws a RangeError unless `value` is an integer that fits an unsigned 64-bit field. */
export function checkAmount(name: string, value: number | bigint): void {
  if (typeof value === 'number' && !Number.isInteger(value)) throw amountError(name, value)
  if (value < 0 || value >= UINT64_LIMIT) throw amountError(name, value)
}

/** Throws a RangeError unless `value` is an integer within `[min, max]`. */
export function checkInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new RangeError(`${name} ${value}, expected an integer from ${min} to ${max}`)
}

/** Throws a RangeError unless `bytes` has exactly `length` bytes. */
export function checkLength(name: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new RangeError(`${name} of ${bytes.length} bytes, expected ${length}`)
}

/** The digits of an amount, exact also where `String(1e21)` would write an exponent. */
export function decimal(name: string, value: number | bigint): string {
  checkAmount(name, value)
  return BigInt(value).toString()
}

function amountError(name: string, value: number | bigint): RangeError {
  return new RangeError(`${name} ${value}, expected an integer from 0 to 2^64-1`)
}
