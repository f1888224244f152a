/** The body of an answer in several places: to put it into one would take memory for each answer. */
export class Parts {
  readonly chunks: readonly Uint8Array[]

  constructor(chunks: readonly Uint8Array[]) {
    this.chunks = chunks
  }

  /** All of it in memory of its own. */
  joined(): Uint8Array {
    return Buffer.concat(this.chunks)
  }
}
