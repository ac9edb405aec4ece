/** An address at which a tracker was probed. Of those beyond 256, the ones not seen for longest are forgotten. */
export interface SeenAddress {
  readonly address: string
  readonly family: 4 | 6
  readonly firstSeen: Date
  /**
   * May lag behind where the tracker was seen there no more: in a file that another process is writing, and after a kill, a
   * write that failed or one of another program, by the time since the last roll-up, 6 h at most.
   */
  readonly lastSeen: Date
}
