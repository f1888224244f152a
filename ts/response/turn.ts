import { clearImmediate, setImmediate } from '../crossing/timers.ts'

/** Who is told when a turn of the event loop is over. */
export interface TurnEnd {
  turnOver(): void
}

const waiting: TurnEnd[] = []
/** How many of them wait still. */
let count = 0
let over: NodeJS.Immediate | undefined

function tell(): void {
  over = undefined
  count = 0
  for (const one of waiting.splice(0)) one.turnOver()
}

/**
 * Has `one` told when this turn of the event loop is over. All that wait in a turn share one `Immediate`, which
 * alone would cost as much as a short answer; and with none that waits the loop may sleep.
 */
export function awaitTurn(one: TurnEnd): void {
  waiting.push(one)
  count++
  over ??= setImmediate(tell)
}

/** One that was not told yet needs it no longer; it may be told all the same if others do. */
export function leaveTurn(): void {
  if (--count > 0 || over === undefined) return
  clearImmediate(over)
  over = undefined
  waiting.length = 0
}
