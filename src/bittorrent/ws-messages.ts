/**
 * The messages of WebSocket trackers (WebTorrent). There is no BEP; this is what bittorrent-tracker, aquatic and
 * openwebtorrent speak. Bytes travel as strings with one character per byte, U+0000 to U+00FF.
 */

import type { Flag } from '../tracker/outcome.js'
import { checkInteger, checkLength, decimal } from './amount.js'
import type { Announce } from './announce.js'
import { latin1 } from './latin1.js'
import { sanitiseText } from './rejection.js'
import { type AnnounceReply, addFlag, type RefusedReply, type ScrapeReply } from './reply.js'
import { answerKeys, isObject, type Message, readAnnounce, readRefusal, readRow } from './ws-fields.js'

/** What a WebSocket announce carries. No offers are made, so no peer is bothered. */
export interface WsAnnounce extends Announce {
  /** A negative number is sent as 0. */
  readonly numWant: number
  /** What the tracker called `tracker id` earlier, one character per byte. */
  readonly trackerId: string | null
}

/** `ws.bad_json`: no JSON object. `ws.bad_message`: an answer without a usable info hash; another may still follow. */
export class WsMessageError extends Error {
  override readonly name = 'WsMessageError'
  readonly code: 'ws.bad_json' | 'ws.bad_message'
  constructor(code: 'ws.bad_json' | 'ws.bad_message', message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const HASH_LENGTH = 20
/** The text of an announce. Throws a RangeError that names the field if a value is out of range. */
export function encodeWsAnnounce(request: WsAnnounce): string {
  checkLength('peer id', request.peerId, HASH_LENGTH)
  checkInteger('num want', request.numWant, -0x80000000, 0x7fffffff)
  const fields = [
    '"action":"announce"',
    `"info_hash":${JSON.stringify(binaryHash(request.infoHash))}`,
    `"peer_id":${JSON.stringify(latin1(request.peerId))}`,
    // Written by hand: JSON.stringify has no integers beyond 2^53.
    `"uploaded":${decimal('uploaded', request.uploaded)}`,
    `"downloaded":${decimal('downloaded', request.downloaded)}`,
    `"left":${decimal('left', request.left)}`,
    `"numwant":${Math.max(0, request.numWant)}`,
    '"offers":[]',
  ]
  if (request.event !== 'none') fields.push(`"event":"${request.event}"`)
  if (request.trackerId !== null) fields.push(`"trackerid":${JSON.stringify(request.trackerId)}`)
  return `{${fields.join(',')}}`
}

/** The text of a scrape of 1 or more info hashes. */
export function encodeWsScrape(infoHashes: readonly Uint8Array[]): string {
  checkInteger('number of info hashes', infoHashes.length, 1, Number.MAX_SAFE_INTEGER)
  const hashes = infoHashes.map(binaryHash)
  return JSON.stringify({ action: 'scrape', info_hash: hashes.length === 1 ? hashes[0] : hashes })
}

/**
 * What a message says to our announce of `infoHash`. `ignore`: it says nothing to it (an offer relayed from a peer,
 * another torrent). A refusal may come without action and info hash, since some errors are found before those are read.
 * Throws a WsMessageError.
 */
export function decodeWsMessage(text: string, infoHash: Uint8Array): AnnounceReply | RefusedReply | 'ignore' {
  const message = parseObject(text)
  const hash = message.info_hash
  if (Object.hasOwn(message, 'failure reason')) {
    return isBinaryHash(hash) && hash !== latin1(infoHash) ? 'ignore' : readRefusal(message)
  }
  if (isRelayed(message) || (message.action ?? 'announce') !== 'announce') return 'ignore'
  if (!isBinaryHash(hash)) {
    const found = typeof hash === 'string' ? `of ${hash.length} characters` : `of type ${typeof hash}`
    throw new WsMessageError('ws.bad_message', `info_hash ${found}, expected 20 characters up to U+00FF`)
  }
  if (hash !== latin1(infoHash) || !answerKeys.some((key) => Object.hasOwn(message, key))) return 'ignore'
  return readAnnounce(message)
}

/** What a message says to our scrape of `infoHashes`. Throws a WsMessageError (`ws.bad_json`). */
export function decodeWsScrape(text: string, infoHashes: readonly Uint8Array[]): ScrapeReply | RefusedReply | 'ignore' {
  const message = parseObject(text)
  if (Object.hasOwn(message, 'failure reason')) return readRefusal(message)
  if (message.action !== 'scrape') return 'ignore'
  const flags: Flag[] = []
  const files = message.files
  if (!isObject(files)) return { kind: 'scrape', entries: infoHashes.map(() => null), flags: ['type_files'] }
  const entries = infoHashes.map((infoHash) => {
    const key = latin1(infoHash)
    if (Object.hasOwn(files, key)) return readRow(files[key], flags)
    addFlag(flags, 'scrape_unknown_torrent')
    return null
  })
  return { kind: 'scrape', entries, flags }
}

function parseObject(text: string): Message {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new WsMessageError('ws.bad_json', `no JSON: "${sanitiseText(text)}"`, { cause })
  }
  if (isObject(value)) return value
  throw new WsMessageError('ws.bad_json', `JSON "${sanitiseText(text)}", expected an object`)
}

function isRelayed(message: Message): boolean {
  return message.offer !== undefined || message.answer !== undefined
}

function binaryHash(infoHash: Uint8Array): string {
  checkLength('info hash', infoHash, HASH_LENGTH)
  return latin1(infoHash)
}

function isBinaryHash(value: unknown): value is string {
  return typeof value === 'string' && /^[\x00-\xff]{20}$/.test(value)
}
