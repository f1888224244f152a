/** Bytes of bodies between two collections. */
const STEP = 16 << 20
/**
 * More than V8 lets the buffers of its young generation have, and more than the C library takes
 * from its heap: it is mapped, never touched, and so takes no memory.
 */
const BALLAST = 33 << 20

/**
 * Keeps uploads flat. V8 frees buffers that nobody refers to with the young generation of its heap,
 * and collects that when it is full of objects, or with 32 MiB of such buffers. A body makes hardly
 * any objects, so that every busy server would hold those 32 MiB. A buffer that is over the limit by
 * itself makes V8 collect sooner. More often would be worse: what survives makes V8 enlarge the young
 * generation.
 */
export class Nursery {
  #bytes = 0

  /** Memory for so many bytes of a body was made. */
  add(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < STEP) return
    this.#bytes = 0
    // oxlint-disable-next-line no-new
    new ArrayBuffer(BALLAST)
  }
}
