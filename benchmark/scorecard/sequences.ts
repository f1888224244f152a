import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { sequenceIds } from '../../__test__/support/cases.ts'
import { run } from './command.ts'
import { exactly, type Row, tell } from './row.ts'

// The compiled file is dist/benchmark/scorecard/sequences.js.
const specs = fileURLToPath(new URL('../../__test__/', import.meta.url))
/** They need streamed bodies, files or takeover. */
const LATER = ['SEQ-002', 'SEQ-009', 'SEQ-025', 'SEQ-027', 'SEQ-037', 'SEQ-040']
/** This one is of the parser alone: `cargo test` tries every pair of cuts, and the row `cases` runs it. */
const ELSEWHERE = ['SEQ-048']

/** The specs whose tests are named after sequences are run, and what they say of each is counted. */
export const sequences: Row = {
  name: 'sequences',
  title: 'timed sequences',
  async measure() {
    const files = readdirSync(specs, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.spec.js') && readFileSync(specs + name, 'utf8').includes('SEQ-'),
    )
    const ava = ['node_modules/ava/entrypoints/cli.mjs', '--tap', '--match=*SEQ-*']
    const paths = files.map((name) => `dist/__test__/${name}`)
    const { stdout } = await run([process.execPath, ...ava, ...paths], 10)
    const [passed, failed] = [new Set<string>(), new Set<string>()]
    for (const line of stdout.split('\n')) {
      const told = /^(not )?ok \d+ - (?!.*# (?:SKIP|TODO))/.exec(line)
      const into = told?.[1] === undefined ? passed : failed
      if (told) for (const [id] of line.matchAll(/SEQ-\d+/g)) into.add(id)
    }
    const wanted = sequenceIds.filter((id) => !ELSEWHERE.includes(id))
    const right = wanted.filter((id) => passed.has(id) && !failed.has(id))
    const later = LATER.filter((id) => !passed.has(id) && !failed.has(id))
    const wrong = wanted.filter((id) => !right.includes(id) && !later.includes(id))
    if (later.length > 0) tell(`later, with streams, files and takeover: ${later.join(' ')}`)
    if (wrong.length > 0) tell(`wrong or not tested: ${wrong.join(' ')}`)
    const title = `sequences right${later.length > 0 ? `, without ${later.length} that come later` : ''}`
    return [exactly(title, right.length, wanted.length - later.length)]
  },
}
