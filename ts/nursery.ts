import { getHeapSpaceStatistics } from 'node:v8'

/** Bytes of bodies between two collections. */
const STEP = 6 << 20
/** Elements of one filler. What survives a collection makes V8 enlarge the young generation. */
const FILLER = 128
const BLANK = Array.from({ length: FILLER }, () => 0)

/**
 * Keeps uploads flat. V8 frees buffers that nobody refers to with the young generation of its heap,
 * and collects that when it is full of objects, or with 32 MiB of such buffers. A body makes hardly
 * any objects, so without this every upload costs those 32 MiB. Filling the young generation makes
 * V8 collect it. More often would be worse: what survives two collections stays until a full one.
 */
export class Nursery {
  #bytes = 0
  /** Seen from outside, or the optimiser would leave the fillers out. */
  #filler: number[] = []

  /** Memory for so many bytes of a body was made. */
  add(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < STEP) return
    this.#bytes = 0
    // Behind the readers' turn, so that few pieces are still referred to.
    setImmediate(() => this.#fill())
  }

  #fill(): void {
    let left = available()
    while (left > 0) {
      this.#filler = BLANK.slice()
      left -= this.#filler.length * 8
    }
    this.#filler = []
  }
}

/** Bytes that are free in the young generation; 0 where nobody says. */
function available(): number {
  try {
    const spaces = getHeapSpaceStatistics()
    const young = spaces.find((space) => space.space_name === 'new_space')
    return young === undefined ? 0 : young.space_available_size + FILLER * 8
  } catch {
    return 0
  }
}
