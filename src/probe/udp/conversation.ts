import type { Socket } from 'node:dgram'
import type { Phase } from '../../tracker/outcome.js'
import type { Exchange } from '../exchange.js'

/** One request to a UDP tracker (BEP 15) as the conversation needs to know it. */
export interface UdpRequest<T> {
  readonly phase: Phase
  /** The action of the answer waited for. */
  readonly action: number
  readonly encode: (transactionId: number) => Buffer
  /** Null for an answer too short to hold what it must. */
  readonly decode: (bytes: Buffer) => T | null
  readonly name: string
}

/**
 * The answer to a request, or the text of the tracker's error packet. `lapsed` where neither came as long as the
 * connection lasts: it takes a new one to go on asking.
 */
export type UdpReply<T> =
  | { readonly value: T; readonly refusal?: never; readonly lapsed?: never }
  | { readonly refusal: string; readonly byteSwapped: boolean; readonly lapsed?: never }
  | { readonly lapsed: Asked; readonly refusal?: never }

/**
 * A socket connected to one address. One request is under way at a time. Plain data, as the exchange: what a probe
 * allocates while it waits is what the garbage collector has to carry.
 */
export interface UdpConversation {
  socket: Socket
  readonly exchange: Exchange
  /** What the tracker gave us to announce with, and until when (`performance.now()`); null before. */
  connection: { readonly id: Uint8Array; readonly endsMs: number } | null
  waiting: Waiting<unknown> | null
}

/** What was sent for a request and what came of it. */
export interface Asked {
  /** All stay valid, so the answer tells which send it belongs to. */
  readonly sends: { readonly transactionId: number; readonly atMs: number }[]
  /** What is known better than "no answer", should none come. */
  fault: Error | null
}

/** The request under way. */
export interface Waiting<T> extends Asked {
  readonly request: UdpRequest<T>
  /** Of the next send. */
  timer: NodeJS.Timeout | undefined
  refused: boolean
  /** Unconnected: hears also who answers from elsewhere. */
  open: Socket | null
  resolve(reply: UdpReply<T>): void
  reject(error: unknown): void
}
