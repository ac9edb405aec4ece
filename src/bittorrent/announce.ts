/** What an announce says over every protocol (BEP 3). All values are sent as given, 0 included. */
export interface Announce {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** 20 bytes. */
  readonly peerId: Uint8Array
  readonly event: AnnounceEvent
  readonly left: number | bigint
  readonly downloaded: number | bigint
  readonly uploaded: number | bigint
  /** Peers wanted, signed 32 bit. What a negative number means differs by protocol. */
  readonly numWant: number
}

/** `none` is an announce at the regular interval (BEP 3). */
export type AnnounceEvent = 'none' | 'started' | 'stopped' | 'completed'
