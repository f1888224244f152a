import type { OpenMessage } from './internals.ts'
import { complete } from './body.ts'
import type { Callback } from './waiters.ts'

// A request without a body is a stream that has nothing to give. Node reads it to its end behind each answer,
// which takes five ticks and a fifth of the time of a short request. Where nobody listens it is put into the same
// state in one.

/** What is read and written of a stream's state. */
interface State {
  readonly resumeScheduled: boolean
  readonly flowing: boolean | null
  ended: boolean
  endEmitted: boolean
  destroyed: boolean
  closed: boolean
  closeEmitted: boolean
}

function stateOf(req: OpenMessage): State {
  return (req as unknown as { _readableState: State })._readableState
}

/** Whether nobody has read of a request or asked to be told of anything. */
export function isLeftAlone(req: OpenMessage): boolean {
  const state = stateOf(req)
  return (
    req._eventsCount === 0 &&
    !req._consuming &&
    !state.resumeScheduled &&
    state.flowing === null &&
    !state.destroyed
  )
}

/** An answer has been handed over: node's code, one of those to be told, goes on with it, and would read the request. */
export function answered(req: OpenMessage, call: Callback, second: Callback | undefined): void {
  const isQuiet = isLeftAlone(req)
  if (isQuiet) req._consuming = true
  else if (!stateOf(req).ended) complete(req)
  try {
    call(null)
    second?.(null)
  } finally {
    if (isQuiet) process.nextTick(settle, req)
  }
}

/** Whoever has come meanwhile is told all of it. */
function settle(req: OpenMessage): void {
  req._consuming = false
  if (isLeftAlone(req)) {
    closeReadable(req)
    return
  }
  if (!stateOf(req).ended) complete(req)
  if (!stateOf(req).resumeScheduled) req._dump()
}

/** Nothing is left to read, and all of that is told. Node has the same since version 24. */
function closeReadable(req: OpenMessage): void {
  if (req._dumpAndCloseReadable !== undefined) {
    req._dumpAndCloseReadable()
    return
  }
  const state = stateOf(req)
  req._dumped = true
  state.ended = true
  state.endEmitted = true
  state.destroyed = true
  state.closed = true
  state.closeEmitted = true
}
