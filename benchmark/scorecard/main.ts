// The scorecard: what is promised about correctness and endurance, measured and compared with its limit.
//
//   npm run scorecard                    every row; about an hour, most of it the sanitizers
//   npm run scorecard -- cases idle      these rows
//   npm run scorecard -- attacks         the attacks
//   npm run scorecard -- --quick         a soak of two minutes instead of ten
//   npm run scorecard -- --cores 0,1     which core serves and which attacks where latency is measured
//
// Prints value, limit and PASS or FAIL for each; exits with 1 when one failed. It needs Linux and a C
// compiler; wrk, taskset and slowhttptest for some rows.

import { parseArgs } from 'node:util'

import type { Figure, Row, Settings } from './row.ts'
import { rows } from './rows.ts'

const NAME_WIDTH = 13
const WHAT_WIDTH = 58

try {
  const { chosen, settings } = readArguments()
  let failed = 0
  for (const row of chosen) {
    for (const figure of await figuresOf(row, settings)) {
      if (!figure.passed) failed++
      print(row, figure)
    }
  }
  console.log(failed === 0 ? 'every row passed' : `${failed} failed`)
  // A row that failed may have left something running; nothing else is to be done here.
  process.exit(failed === 0 ? 0 : 1)
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}

async function figuresOf(row: Row, settings: Settings): Promise<Figure[]> {
  console.error(`  ${row.name}: ${row.title}`)
  const begun = performance.now()
  try {
    return await row.measure(settings)
  } catch (error) {
    console.error((error as Error).stack)
    const value = (error as Error).message.split('\n')[0] as string
    return [{ what: row.title, value, limit: '', passed: false }]
  } finally {
    console.error(`  ${row.name}: ${((performance.now() - begun) / 1000).toFixed(0)} s`)
  }
}

function print({ name }: Row, { what, value, limit, passed }: Figure): void {
  const mark = passed ? 'PASS' : 'FAIL'
  const left = `${mark}  ${name.padEnd(NAME_WIDTH)} ${what.padEnd(WHAT_WIDTH)}`
  console.log(`${left} ${value.padStart(14)}  ${limit}`)
}

function readArguments(): { chosen: readonly Row[]; settings: Settings } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      cores: { type: 'string', default: '0,1' },
    },
  })
  const [serverCore, clientCore] = values.cores.split(',')
  if (!serverCore || !clientCore) throw new Error(`--cores ${values.cores}: expected SERVER,CLIENT`)
  return {
    chosen: positionals.length === 0 ? rows : positionals.flatMap(named),
    settings: { soakSeconds: values.quick ? 120 : 600, serverCore, clientCore },
  }
}

function named(name: string): readonly Row[] {
  const found = rows.filter((row) => (name === 'attacks' ? row.isAttack : row.name === name))
  if (found.length > 0) return found
  throw new Error(`no row ${name}: attacks, ${rows.map((row) => row.name).join(', ')}`)
}
