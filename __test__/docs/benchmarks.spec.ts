import test from 'ava'
import { readFileSync } from 'node:fs'
import { type Figures, SHOWN } from '../../benchmark/wire/figures.ts'
import { svgOf, tableOf, withTable } from '../../benchmark/wire/plot.ts'
import { root } from '../support/root.ts'

const read = (name: string): string => readFileSync(root + name, 'utf8')
const figures = JSON.parse(read('docs/benchmarks.json')) as Figures

test('the table and the picture of the README are those of the figures that are kept', (t) => {
  const readme = read('README.md')
  t.is(withTable(readme, figures), readme)
  t.is(read('docs/benchmarks.svg'), svgOf(figures))
  t.true(readme.includes('(docs/benchmarks.svg)'))
})

test('the figures say where, when and how they were taken, and are there for everybody', (t) => {
  t.regex(figures.date, /^\d{4}-\d\d-\d\d$/)
  t.deepEqual(
    figures.rivals.map(({ name }) => name),
    SHOWN.map(([, label]) => label),
  )
  const svg = svgOf(figures)
  const { processor, system, node } = figures.machine
  for (const told of [figures.date, processor, system, node, figures.runs])
    t.true(svg.includes(told))
  for (const { name, median } of figures.rivals) t.truthy(median, name)
})

test('a rival that is missing is drawn as absent, and is no reason to leave out the others', (t) => {
  const [first, ...others] = figures.rivals
  const some = { ...figures, rivals: [first!, { name: 'A<B', absent: 'not there' }, ...others] }
  t.is(
    tableOf(some)
      .split('\n')[3]!
      .match(/absent/g)?.length,
    3,
  )
  const svg = svgOf(some)
  t.is(svg.match(/>absent</g)?.length, 3)
  t.is(svg.match(/<rect x/g)?.length, 3 * figures.rivals.length)
  t.true(svg.includes('A&#60;B') && !svg.includes('A<B'))
  t.not(tableOf({ ...figures, rivals: others }), tableOf(figures))
})

test('a README without the marks is not written', (t) => {
  t.throws(() => withTable('# fasthttp', figures), { message: /lacks <!-- benchmarks -->/ })
})
