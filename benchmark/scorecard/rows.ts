import { descriptors } from './descriptors.ts'
import { framing, slowloris } from './fairness.ts'
import { idle, unread } from './memory.ts'
import { restarts } from './restarts.ts'
import type { Row } from './row.ts'
import { stalled } from './stalled.ts'

/** The rows in the order in which they are measured. */
export const rows: readonly Row[] = [
  idle,
  unread,
  stalled,
  descriptors,
  slowloris,
  framing,
  restarts,
]
