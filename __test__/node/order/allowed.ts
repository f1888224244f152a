/** A difference from node's own server that is meant. */
export interface Allowed {
  /** Why it is better so, or cannot be otherwise. */
  readonly reason: string
  /** Lines that are not compared; without it nothing of the scenario is. */
  readonly lines?: RegExp
}

/** Differences by the name of their scenario. One that is not there any more fails the test as well. */
export const ALLOWED: Readonly<{ [scenario: string]: Allowed }> = {}
