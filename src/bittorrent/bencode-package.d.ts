declare module 'bencode' {
  /** All that comes back for input without dictionaries, which is all that we hand over. */
  type Lists = number | Uint8Array | readonly Lists[]

  const bencode: {
    readonly decode: {
      (data: Uint8Array): Lists
      /** The decoder is a singleton and keeps the bytes it saw last. */
      data: Uint8Array | null
    }
  }
  export default bencode
}
