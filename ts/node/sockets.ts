import { Numbered } from '../crossing/numbered.ts'
import type { HttpSocket } from './socket.ts'

/** The connections of a server, by thread and number. */
export class Sockets {
  readonly #byLane: Numbered<HttpSocket>[] = []

  /** The one with this number, if it is known. */
  get(lane: number, generation: number): HttpSocket | undefined {
    return this.#byLane[lane]?.get(generation)
  }

  /** Notes one more. */
  add(socket: HttpSocket): void {
    const sockets = (this.#byLane[socket.lane.id] ??= new Numbered<HttpSocket>())
    sockets.set(socket.generation, socket)
  }

  /** Forgets one; says whether it was there. */
  delete({ lane, generation }: HttpSocket): boolean {
    return this.#byLane[lane.id]?.delete(generation) !== undefined
  }

  /** Index and generation, by turns, of those of a thread that are between two requests. */
  idle(lane: number): Uint32Array {
    const sockets = this.#byLane[lane]?.values() ?? []
    const idle = sockets.filter(({ isIdle }) => isIdle)
    return Uint32Array.from(idle.flatMap(({ index, generation }) => [index, generation]))
  }

  /** All of them; they may be forgotten meanwhile. */
  *all(): Iterable<HttpSocket> {
    for (const sockets of this.#byLane) yield* sockets?.values() ?? []
  }

  /** Forgets all of them. */
  clear(): void {
    this.#byLane.length = 0
  }
}
