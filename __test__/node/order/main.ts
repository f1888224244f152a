// Plays every scenario with node's own server and with another one, in this process, and prints what happened.
//
//   node main.js [module of the other createServer] [part of a scenario's name] [given | quiet | threads]
//
// The last word is the way in which they are played; see scenario.ts. What cannot be is left out.
// Each line is JSON: { name, stock: [[line, ...], ...], ours: [[...], ...], attempts }, one list for each round.

import * as http from 'node:http'
import { complaint, type Played } from './compare.ts'
import { type CreateServer, play, type Scenario, Unheard, type Way } from './scenario.ts'
import { ANSWERS } from './scenarios/answers.ts'
import { BROKEN } from './scenarios/destroyed.ts'
import { CLOSING } from './scenarios/closing.ts'
import { KEPT } from './scenarios/kept.ts'
import { LEAVING } from './scenarios/leaving.ts'
import { REFUSED } from './scenarios/refused.ts'
import { TAKEN } from './scenarios/taken.ts'
import { TIMEOUTS } from './scenarios/timeouts.ts'

const SCENARIOS: readonly Scenario[] = [
  ...[...KEPT, ...LEAVING].map(withEnds),
  ...ANSWERS,
  ...REFUSED,
  ...BROKEN,
  ...TAKEN,
  ...TIMEOUTS,
  ...CLOSING,
]

/** Their clients end connections, which sockets say. */
function withEnds(scenario: Scenario): Scenario {
  return { ...scenario, watched: { ...scenario.watched, socketEnd: true } }
}

/** How often stock plays what is certain to be over soon, so that what differs by chance shows. */
const ROUNDS = 5
/** How often ours does. */
const OURS = 2
/**
 * How often both play a scenario that came out differently: on a busy machine a clock or a packet may be
 * late for one of them, and never is each time.
 */
const ATTEMPTS = 6

const [door = 'node:http', part = '', way = 'plain'] = process.argv.slice(2)
const { createServer } = (await import(door)) as { createServer: CreateServer }
const major = Number(process.versions.node.split('.')[0])

async function rounds(
  scenario: Scenario,
  times: number,
  create: CreateServer,
): Promise<string[][]> {
  const played: string[][] = []
  for (let i = 0; i < times; i++) {
    try {
      played.push(await play(scenario, create, way as Way))
    } catch (error) {
      if (error instanceof Unheard) return []
      // A deadline has passed; the next round would wait for it again.
      return [...played, [`it failed: ${(error as Error).message}`]]
    }
  }
  return played
}

scenarios: for (const scenario of SCENARIOS) {
  const { name, since = 0, until = Infinity } = scenario
  if (since > major || until <= major || !name.includes(part)) continue
  let played: Played
  let attempts = 0
  do {
    const stock = await rounds(scenario, scenario.rounds ?? ROUNDS, http.createServer)
    if (stock.length === 0) continue scenarios
    const ours = await rounds(scenario, OURS, createServer)
    played = { name, stock, ours, attempts: ++attempts }
  } while (attempts < ATTEMPTS && complaint(played, door) !== undefined)
  console.log(JSON.stringify(played))
}
// Whatever a scenario that failed has left is not waited for.
process.exit(0)
