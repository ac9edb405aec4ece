/** Where an address is, as far as a database says. */
export interface Place {
  /** ISO 3166-1 alpha-2, such as `DE`. */
  readonly country: string | null
  /** Number and name, such as `AS64496 Example Networks`. */
  readonly network: string | null
}
