import test from 'ava'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import {
  checkIdle,
  checkShown,
  checkSteady,
  type Figures,
  figuresOf,
  SHOWN,
  type Shown,
} from '../../benchmark/wire/figures.ts'
import { cases } from '../../benchmark/wire/cases.ts'
import { sentenceOf, svgOf, tableOf, withTable } from '../../benchmark/wire/plot.ts'
import type { CaseResult } from '../../benchmark/wire/run.ts'
import { root } from '../support/root.ts'

const read = (name: string): string => readFileSync(root + name, 'utf8')
const kept = JSON.parse(read('docs/benchmarks.json')) as Figures

const machine = { processor: 'A processor', cores: 2, system: 'Linux 6', node: 'v20.19.0' }
const settings = { seconds: 2, repetitions: 3, serverCore: '0', clientCore: '1' }

/** Repetitions of one rival. */
function measured(rival: string, ...p50: number[]): CaseResult['results'][number] {
  const runs = p50.map((each) => ({ p50: each, p99: each * 10, cpu: each / 50 }))
  return { rival, runs, median: runs[runs.length >> 1]! }
}

const STEADY: CaseResult = {
  name: 'c64',
  results: [
    measured('ours-sync', 200, 210, 220),
    measured('node:http', 1400, 1500, 1600),
    measured('fastify', 1700, 1800, 1900),
  ],
  skipped: [{ rival: 'bun', reason: 'no bun' }],
}
const asked = { title: '64 connections', body: 'Hello, World!' }
const figures = figuresOf(machine, settings, asked, STEADY)

test('the table and the picture of the README are those of the figures that are kept', (t) => {
  const readme = read('README.md')
  t.is(withTable(readme, kept), readme)
  t.is(read('docs/benchmarks.svg'), svgOf(kept))
  t.true(readme.includes('(docs/benchmarks.svg)'))
})

test('the figures that are kept say where, when and how they were taken', (t) => {
  t.regex(kept.date, /^\d{4}-\d\d-\d\d$/)
  t.deepEqual(
    kept.rivals.map(({ name }) => name),
    SHOWN.map(([, label]) => label),
  )
  const svg = svgOf(kept)
  const { processor, system, node } = kept.machine
  for (const told of [kept.date, processor, system, node, kept.runs]) t.true(svg.includes(told))
  t.truthy(kept.rivals[0]?.median)
  for (const { name, median, absent } of kept.rivals) t.truthy(median ?? absent, name)
})

test('figures are medians, with the least and the greatest of the repetitions', (t) => {
  const shown = (p50: number): Shown => ({ p50, p99: p50 * 10, cpu: p50 / 50 })
  t.deepEqual(figures.rivals, [
    { name: 'fasthttp', median: shown(210), least: shown(200), greatest: shown(220) },
    { name: 'node:http', median: shown(1500), least: shown(1400), greatest: shown(1600) },
    { name: 'Fastify', median: shown(1800), least: shown(1700), greatest: shown(1900) },
    { name: 'Bun', absent: 'no bun' },
  ])
})

test('the sentence over the table is that of the case', (t) => {
  const when = `Node ${machine.node.replace('v', '')}, ${figures.date}:`
  const runs = `medians of 3 x 2 s, server on one core, ${when}`
  t.is(sentenceOf(figures), `64 connections, the text \`Hello, World!\`; ${runs}`)
  const large = { title: '64 connections, large', body: 'x'.repeat(65536) }
  const other = figuresOf(machine, settings, large, STEADY)
  t.is(sentenceOf(other), `64 connections, large, 65536 bytes; ${runs}`)
  const written = withTable('# x\n\n<!-- benchmarks -->\n\nold\n\n<!-- /benchmarks -->\n', other)
  t.true(written.includes(sentenceOf(other)) && !written.includes('old'))
})

test('a rival that is missing is drawn as absent, and is no reason to leave out the others', (t) => {
  const some = {
    ...figures,
    rivals: figures.rivals.map((one) => (one.absent ? { ...one, name: 'A<B' } : one)),
  }
  const row = tableOf(some)
    .split('\n')
    .find((line) => line.includes('A<B'))
  t.is(row?.match(/absent/g)?.length, 3)
  const svg = svgOf(some)
  t.is(svg.match(/>absent</g)?.length, 3)
  t.is(svg.match(/<rect x/g)?.length, 3 * 3)
  t.true(svg.includes('A&#60;B') && !svg.includes('A<B'))
  t.is(tableOf(some).split('\n').length, 2 + SHOWN.length)
})

test('a README without the marks is not written', (t) => {
  t.throws(() => withTable('# fasthttp', figures), { message: /lacks <!-- benchmarks -->/ })
})

/** Results without ours, and what stands in their place. */
const WITHOUT_US: [what: string, result: CaseResult, message: RegExp][] = [
  ['nobody', { ...STEADY, results: [], skipped: [] }, /^fasthttp: not measured: nothing is kept$/],
  [
    'others',
    {
      ...STEADY,
      results: STEADY.results.slice(1),
      skipped: [{ rival: 'ours-sync', reason: 'wrong answer' }],
    },
    /^fasthttp: wrong answer: nothing is kept$/,
  ],
]

for (const [what, result, message] of WITHOUT_US) {
  test(`figures without ours are not kept: ${what}`, (t) => {
    t.throws(() => figuresOf(machine, settings, asked, result), { message })
  })
}

/** How far the repetitions of somebody are apart, and whether that is kept. */
const SPREADS: [p50: number[], isKept: boolean][] = [
  [[100, 150, 200], true],
  [[100, 150, 201], false],
  [[210, 100, 150], false],
]

for (const [p50, isKept] of SPREADS) {
  test(`repetitions of ${p50.join(', ')} us are ${isKept ? 'kept' : 'refused'}`, (t) => {
    const results = [...STEADY.results.slice(0, 2), measured('fastify', ...p50)]
    const some = figuresOf(machine, settings, asked, { ...STEADY, results })
    if (isKept) t.notThrows(() => checkSteady(some))
    else t.throws(() => checkSteady(some), { message: /^p50 of Fastify is from 100 to 2\d\d us/ })
  })
}

test('a busy machine is refused', (t) => {
  t.notThrows(() => checkIdle(1))
  t.throws(() => checkIdle(1.5), { message: /^the load average is 1\.50: / })
})

test('there is a picture of the cases with p50, p99 and CPU a request, and of no other', (t) => {
  const drawn = cases.filter((one) => {
    try {
      checkShown(one)
      return true
    } catch {
      return false
    }
  })
  t.deepEqual(
    drawn.map(({ name }) => name),
    ['c1', 'c64', 'c256', 'pipelined', 'browser', 'headers', 'post', 'large'],
  )
})

test('the command refuses a case of which there is no picture, and writes nothing', async (t) => {
  const before = ['README.md', 'docs/benchmarks.json', 'docs/benchmarks.svg'].map(read)
  const command = promisify(execFile)
  const args = ['dist/benchmark/wire/wire.js', '--plot', 'idle', '--force']
  const { code, stderr } = (await t.throwsAsync(
    command(process.execPath, args, { cwd: root }),
  )) as unknown as { code: number; stderr: string }
  t.deepEqual([code, stderr], [1, '--plot idle: the case has no p50, p99, cpu\n'])
  t.deepEqual(['README.md', 'docs/benchmarks.json', 'docs/benchmarks.svg'].map(read), before)
})
