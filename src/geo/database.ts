import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { Reader, type Response } from 'mmdb-lib'

/** What a database says of an address; null where it says nothing. */
export type AddressRecords = (address: string) => unknown

/** A database that cannot be used. The message names the file. */
export class GeoError extends Error {
  override readonly name = 'GeoError'
}

/**
 * Reads a database of addresses in the MMDB format into memory.
 * @throws {GeoError} if the file cannot be read or is no such database.
 */
export async function openDatabase(file: string): Promise<AddressRecords> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new GeoError(`${file}: cannot be read (${cause.code ?? cause.message})`, { cause })
  })
  try {
    // Few networks host many trackers: each record is decoded once.
    const reader = new Reader<Response>(bytes, { cache: new Map() })
    reader.get('192.0.2.1') // a file that breaks off shows here
    return (address) => recordOf(reader, address)
  } catch (cause) {
    throw new GeoError(`${file}: not a database in the MMDB format`, { cause })
  }
}

/** An IPv6 address means nothing to a database of IPv4 alone, and a damaged one has holes. */
function recordOf(reader: Reader<Response>, address: string): unknown {
  if (isIP(address) === 0 || (isIP(address) === 6 && reader.metadata.ipVersion === 4)) return null
  try {
    return reader.get(address)
  } catch {
    return null
  }
}
