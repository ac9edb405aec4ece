/** An address at which a tracker was probed. Of those beyond 256, the ones not seen for longest are forgotten. */
export interface SeenAddress {
  readonly address: string
  readonly family: 4 | 6
  readonly firstSeen: Date
  /** To the hour: may lag behind by that much. */
  readonly lastSeen: Date
}
