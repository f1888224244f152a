import test from 'ava'
import { table } from './asynchttpserver.ts'
import { SCENARIOS } from './asynchttpserver-scenarios.ts'

// In a file of their own: beside two hundred servers that start at once a second means nothing.
for (const { id, scenario = '' } of table.http) {
  const play = SCENARIOS[id]
  if (play !== undefined) test(`${id}: ${scenario}`, play)
}
