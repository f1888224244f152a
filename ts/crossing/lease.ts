/** What is kept for an I/O thread, and hears when it is no longer needed. */
export interface Lease {
  /** The thread needs it no longer. */
  finish(): void
}

/** Bytes that are sent from where they are. Their owner is told, if he wants to be. */
export class Lent implements Lease {
  readonly bytes: Uint8Array | readonly Uint8Array[]
  readonly finish: () => void

  constructor(bytes: Uint8Array | readonly Uint8Array[], finish: () => void = nobody) {
    this.bytes = bytes
    this.finish = finish
  }
}

function nobody(): void {}
