/** An address at which a tracker was probed. Of those beyond 256, the ones not seen for longest are forgotten. */
export interface SeenAddress {
  readonly address: string
  readonly family: 4 | 6
  readonly firstSeen: Date
  /** In a file that another process is writing, it may lag behind by an hour. */
  readonly lastSeen: Date
}
