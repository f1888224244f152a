import { getHeapSpaceStatistics } from 'node:v8'

/**
 * From version 13 on V8 would not collect the young generation of its heap for the sake of buffers before it collects
 * all of its heap for them, with 64 MiB.
 */
const FILLS =
  Number.parseInt(process.versions['v8'] ?? '', 10) >= 13 && process.versions['bun'] === undefined
/** Bytes of bodies between two collections. */
const STEP = (FILLS ? 24 : 16) << 20
/**
 * More than V8 lets the buffers of its young generation have before version 13, and more than the C library takes
 * from its heap: it is mapped, never touched, and so takes no memory.
 */
const BALLAST = 33 << 20
/** Elements of what fills the young generation, and bytes of each. What of it survives is little. */
const FILLING = 2 << 10
const ELEMENT = 8

/**
 * Keeps uploads flat. V8 frees buffers that nobody refers to with the young generation of its heap, and collects that
 * when it is full of objects, or has more of such buffers than every busy server should hold. A body makes hardly any
 * objects. So V8 is made to collect sooner: by one buffer that is over its limit, or where there is none, by objects.
 * More often would be worse: what survives makes V8 enlarge the young generation.
 */
export class Nursery {
  #bytes = 0
  /** What is kept for a moment, or nothing would be made. */
  readonly #kept: (unknown[] | undefined)[] = [undefined]

  /** Memory for so many bytes of a body was made. */
  add(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < STEP) return
    this.#bytes = 0
    if (FILLS) this.#fill()
    // oxlint-disable-next-line no-new
    else new ArrayBuffer(BALLAST)
  }

  #fill(): void {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
    let left = young?.space_available_size ?? 0
    for (; left > 0; left -= FILLING * ELEMENT) {
      // Its length alone: elements of their own would have to be written.
      // oxlint-disable-next-line unicorn/no-new-array
      this.#kept[0] = new Array(FILLING)
    }
    this.#kept[0] = undefined
  }
}
