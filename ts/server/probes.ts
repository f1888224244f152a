import { integer, MOST } from '../crossing/checks.ts'
import type { NativeServer } from '../crossing/native.ts'
import { checkNames, show } from '../errors.ts'

/** Whether the program is ready, as `server.ready` tells those who ask. */
export interface Readiness {
  /** `false`: clients are to be sent elsewhere. At first `true`. Setting anything else throws `TypeError`. */
  isReady: boolean
}

/** The probes of a server, for each of its runs. */
export class Probes implements Readiness {
  readonly #all: { path: string; isReady: boolean; limit: number }[] = []
  #isReady = true
  #native: NativeServer | undefined

  /** Answers one more question. */
  add(path: unknown, isReady: boolean, limit: number): void {
    const probe = { path: checkPath(path), isReady, limit }
    this.#all.push(probe)
    this.#native?.addProbe(probe.path, isReady, limit)
  }

  /** A run begins. */
  attach(native: NativeServer): void {
    this.#native = native
    for (const { path, isReady, limit } of this.#all) native.addProbe(path, isReady, limit)
    if (!this.#isReady) native.setReady(false)
  }

  get isReady(): boolean {
    return this.#isReady
  }

  set isReady(value: boolean) {
    // Not `flag`: whoever sets it to undefined has forgotten something, and asks for no default.
    if (typeof value !== 'boolean') {
      throw new TypeError(`isReady must be a boolean, got ${show(value)}`)
    }
    this.#isReady = value
    this.#native?.setReady(value)
  }
}

function checkPath(path: unknown): string {
  if (typeof path !== 'string' || !/^\/[\w\-.~/]*$/.test(path)) {
    throw new TypeError(`a probe has a path such as '/ready', got ${show(path)}`)
  }
  return path
}

/** Checks the only option of a probe. */
export function checkLimit(name: string, options: object, fallback: number): number {
  checkNames(`option of ${name === 'readyAfter' ? 'ready' : 'alive'}`, options, [name])
  return integer(name, (options as Record<string, unknown>)[name], 1, MOST, fallback)
}
