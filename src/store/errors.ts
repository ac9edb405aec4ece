/** The store cannot do what it was asked to. The message is a sentence that says what to do; `cause` is the original. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}
