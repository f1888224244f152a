import { blocked } from './blocked.ts'
import { cases } from './cases.ts'
import { faults, sanitizers, worstInput } from './checks.ts'
import { churn } from './churn.ts'
import { descriptors } from './descriptors.ts'
import { framing, slowloris } from './fairness.ts'
import { goodput } from './goodput.ts'
import { idle, unread } from './memory.ts'
import { restarts } from './restarts.ts'
import type { Row } from './row.ts'
import { sequences } from './sequences.ts'
import { slowReader } from './slow-reader.ts'
import { slowhttptest } from './slowhttptest.ts'
import { soak } from './soak.ts'
import { stalled } from './stalled.ts'
import { upgrades } from './upgrades.ts'

/** The rows in the order in which they are measured: what compares times first, in a quiet machine. */
export const rows: readonly Row[] = [
  slowloris,
  framing,
  goodput,
  worstInput,
  cases,
  sequences,
  idle,
  unread,
  blocked,
  stalled,
  descriptors,
  upgrades,
  restarts,
  slowhttptest,
  slowReader,
  churn,
  faults,
  sanitizers,
  soak,
]
