// What a router adds to a request, and what answers cost that need no handler. Processor time per
// request in medians; the first row of each block is what the others are compared with.
//
//   node dist/benchmark/router/wire.js [repetitions] [seconds]

import { fileURLToPath } from 'node:url'

import type { Settings } from '../wire/case.ts'
import { loadCase } from '../wire/load.ts'
import { median } from '../support/median.ts'
import type { Rival } from '../support/rivals.ts'
import { startServer } from '../support/server.ts'
import { requireWrk } from '../support/wrk.ts'

interface Row {
  readonly title: string
  readonly rival: Rival
  readonly request: string
  /** Statuses of 400 and more are what it asks for. */
  readonly isRefused?: boolean
}

const [plain, router] = ['ours-plain', 'ours-router'].map((name): Rival => {
  const file = fileURLToPath(new URL(`../rivals/${name}.js`, import.meta.url))
  return { name, javascript: true, command: () => [process.execPath, file] }
}) as [Rival, Rival]

const blocks: readonly (readonly Row[])[] = [
  [
    { title: 'one handler', rival: plain, request: get('/user/repos') },
    { title: 'GitHub, static', rival: router, request: get('/user/repos') },
    {
      title: 'GitHub, 3 parameters',
      rival: router,
      request: get('/repos/val2x/val3x/pulls/val5x'),
    },
  ],
  [
    { title: 'native, static answer', rival: router, request: get('/static') },
    { title: 'native, redirect', rival: router, request: get('/user/repos/') },
    { title: 'native, redirect (case)', rival: router, request: get('/USER/repos') },
    { title: 'native, 404', rival: router, request: get('/no/such/path'), isRefused: true },
    { title: 'native, 405', rival: router, request: get('/markdown'), isRefused: true },
  ],
]

const [repetitions = 3, seconds = 2] = process.argv.slice(2).map(Number)
const settings: Settings = { seconds, repetitions, serverCore: '0', clientCore: '1' }
requireWrk()
for (const depth of [1, 16]) {
  for (const rows of blocks) {
    const figures = new Map(rows.map(({ title }) => [title, [] as number[]]))
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (const row of rows) figures.get(row.title)?.push(await measure(row, depth))
    }
    const base = median(figures.get(rows[0]?.title ?? '') ?? [])
    console.log(`64 connections, ${depth} requests at a time`)
    for (const [title, all] of figures) {
      const [cpu, ratio] = [median(all), median(all) / base]
      console.log(`  ${title.padEnd(26)} ${cpu.toFixed(2).padStart(6)} us  x ${ratio.toFixed(3)}`)
    }
  }
}

async function measure(row: Row, depth: number): Promise<number> {
  const { title, rival, request } = row
  const one = {
    name: title,
    title,
    connections: 64,
    depth,
    body: '',
    request: Buffer.from(request),
  }
  const server = await startServer(rival, settings.serverCore, false)
  const complain = console.error
  // A refusal is what some rows ask for.
  if (row.isRefused === true) console.error = () => undefined
  try {
    const sample = await loadCase(one).measure(server, settings)
    return sample['cpu'] ?? NaN
  } finally {
    console.error = complain
    await server.stop()
  }
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost:8080\r\n\r\n`
}
