/** The store cannot do what it was asked to. The message is a sentence that says what to do; `cause` is the original. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}

/** What is stored cannot be read as the data of a store: it is damaged, or was never one. */
export class DamagedError extends StoreError {}

/**
 * The store works, but will not take what it was given, however often it comes. Of any other error nobody knows that:
 * whoever has something to keep keeps it and tries again.
 */
export class RefusedError extends StoreError {
  /** For those who may know the types of the store only. */
  readonly refused = true
}
