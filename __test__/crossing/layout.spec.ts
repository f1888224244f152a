import test from 'ava'
import { createRequire } from 'node:module'
import type * as Layout from '../../ts/crossing/layout.ts'
import { native } from '../../ts/crossing/native.ts'

// All that it exports: an import would add `default` to it.
const layout = createRequire(import.meta.url)('../../ts/crossing/layout.js') as typeof Layout

test('every place of shared memory is where the addon says', (t) => {
  const { METHODS, CONTENT_TYPES, ...tables } = layout
  const mine: Record<string, number> = {}
  for (const [table, places] of Object.entries(tables)) {
    for (const [name, place] of Object.entries(places)) mine[`${table}.${name}`] = place
  }
  t.deepEqual(mine, native.layout())
  t.deepEqual(METHODS.slice(1), native.methodNames())
  t.is(METHODS[0], '')
  t.deepEqual([...CONTENT_TYPES], native.contentTypes())
})

test('control words that two threads write lie on lines of their own', (t) => {
  const { count, ...places } = layout.CONTROL
  for (const place of Object.values(places)) t.is(place % 16, 0)
  t.true(count > Math.max(...Object.values(places)))
})
