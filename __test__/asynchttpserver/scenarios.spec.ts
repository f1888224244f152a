import test from 'ava'
import { table } from './served.ts'
import { SCENARIOS } from './scenarios.ts'

// In a file of their own: beside two hundred servers that start at once a second means nothing.
for (const { id, scenario = '' } of table.http) {
  const play = SCENARIOS[id]
  if (play !== undefined) test(`${id}: ${scenario}`, play)
}
