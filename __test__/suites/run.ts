// Runs the own tests of public projects with our server, and with node's in the same go.
//
//   npm run suites -- koa --from ../koa              a folder, or a git directory without a work tree
//   npm run suites -- all --from <folder>            every suite; the folder has <owner>+<name>/repo for each
//   npm run suites -- koa --from ... --work /tmp/k   a work copy that stays, prepared once
//   npm run suites -- koa --from ... --hook <file>   another preload in place of fasthttp/register
//   npm run suites -- smoke                          small programs with packages of npm (smoke/)
//   npm run suites -- smoke --quick                  a few of them, for each change
//   --node <binary>  --ref <branch>  --expected <folder>  --suites <JSON file with other suites>  --keep
//   --door <module>                                  for smoke: another module in place of fasthttp/node
//
// A test that stock passes and ours does not must stand in expected/<name>.json with a reason; one that
// stands there and passes is an error as well. What looks into the project's own server, and so says nothing about
// ours, stands in expected/<name>.outside.json, with a reason too. The last line is JSON; exits with 1 when anything
// is wrong.

import { mkdirSync, mkdtempSync, existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { root } from '../support/root.ts'
import { copy } from './copy.ts'
import { smoke } from './smoke.ts'
import { passesAlone, type Place, runSide, type Side } from './side.ts'
import type { Outcome, Suite } from './suite.ts'
import { SUITES } from './table.ts'
import {
  count,
  type Expected,
  failing,
  isFine,
  judge,
  type Known,
  type Verdict,
} from './verdict.ts'

/** More failing tests than these are not run again one by one. */
const MOST_ALONE = 30

interface Options {
  readonly from: string
  readonly hook: string | undefined
  readonly expected: string
  readonly node: string | undefined
  readonly work: string | undefined
  readonly keep: boolean
}

interface Report {
  readonly name: string
  readonly node: string
  readonly commit: string
  readonly stock: Counts
  readonly ours: Counts
  /** The same once more, with options. */
  readonly lenient?: Lenient
  readonly verdict: Verdict
}

interface Lenient {
  readonly options: string
  readonly counts: Counts
  /** What fails without them. */
  readonly without: readonly string[]
}

interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly requests: number
  readonly servers: number
  readonly seconds: number
}

/** A node of this major version: the running one, or what `__test__/fetch-nodes.sh` has fetched. */
function nodeOf(suite: Suite, asked: string | undefined): string {
  if (asked !== undefined) return resolve(asked)
  if (suite.node === undefined || process.versions.node.startsWith(`${suite.node}.`))
    return process.execPath
  const fetched = join(root, '__test__/.nodes', `node-${suite.node}`)
  if (!existsSync(fetched)) throw new Error(`${suite.name} needs Node ${suite.node}: ${fetched}`)
  return fetched
}

/** Environments in which `node` is the one that is asked for: all of ours to prepare with, and little of it for tests. */
function environments(node: string, bin: string): Record<'prepare' | 'test', NodeJS.ProcessEnv> {
  mkdirSync(bin, { recursive: true })
  symlinkSync(node, join(bin, 'node'))
  const path = { PATH: `${bin}:${process.env['PATH']}` }
  const kept = ['HOME', 'TMPDIR', 'LANG'].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  )
  return {
    prepare: { ...process.env, ...path },
    test: { ...(Object.fromEntries(kept) as NodeJS.ProcessEnv), ...path },
  }
}

async function againAlone(
  place: Place,
  hook: string,
  found: ReadonlyMap<string, Outcome>,
): Promise<Map<string, Outcome>> {
  if (found.size > MOST_ALONE) return new Map(found)
  const left = new Map<string, Outcome>()
  let number = 0
  for (const [name, test] of found) {
    if (await passesAlone(place, number++, hook, [name, test])) console.error(`  alone: ${name}`)
    else left.set(name, test)
  }
  return left
}

function countsOf({ outcomes, served, seconds }: Side): Counts {
  return {
    passed: count(outcomes, 'pass'),
    failed: count(outcomes, 'fail'),
    skipped: count(outcomes, 'skip'),
    requests: served.requests,
    servers: served.servers,
    seconds,
  }
}

function knownOf(suite: Suite, folder: string): Known {
  const listed = (name: string): Expected => {
    const path = join(folder, `${name}.json`)
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Expected) : {}
  }
  return { expected: listed(suite.name), outside: listed(`${suite.name}.outside`) }
}

async function runSuite(suite: Suite, options: Options): Promise<Report> {
  const scratch = mkdtempSync(join(tmpdir(), `suites-${suite.name}-`))
  try {
    const node = nodeOf(suite, options.node)
    const { prepare, test } = environments(node, join(scratch, 'bin'))
    const target = options.work === undefined ? join(scratch, 'copy') : resolve(options.work)
    const { commit } = copy(suite, options.from, target, prepare)
    const results = join(scratch, 'results')
    mkdirSync(results)
    const place: Place = { suite, copy: target, results, node, env: test }
    const stockHook = new URL('./hooks/stock.js', import.meta.url).href
    const stock = await runSide(place, 'stock', stockHook)
    const hook = options.hook ?? ownHook(suite)
    const ours = await runSide(place, 'ours', hook)
    const found = failing(stock.outcomes, ours.outcomes)
    const strict = await againAlone(place, hook, found)
    const lenient = await runLenient(place, hook, stock, strict)
    const [judged, failures] = lenient?.judged ?? [ours, strict]
    const verdict = judge(suite, [stock, judged], failures, knownOf(suite, options.expected))
    if (options.keep) console.error(`  ${scratch} is left`)
    return {
      name: suite.name,
      node,
      commit,
      stock: countsOf(stock),
      ours: countsOf(ours),
      ...(lenient === undefined ? {} : { lenient: lenient.told }),
      verdict,
    }
  } finally {
    if (!options.keep) rmSync(scratch, { recursive: true, force: true })
  }
}

/** Runs all tests once more with the options of the suite, if some of them fail without. */
async function runLenient(
  place: Place,
  hook: string,
  stock: Side,
  strict: ReadonlyMap<string, Outcome>,
): Promise<{ judged: [Side, Map<string, Outcome>]; told: Lenient } | undefined> {
  const { suite } = place
  if (suite.options === undefined || strict.size === 0) return undefined
  const options = JSON.stringify(suite.options)
  const env = { ...suite.env, FASTHTTP_OPTIONS: options }
  const there: Place = { ...place, suite: { ...suite, env } }
  const side = await runSide(there, 'lenient', hook)
  const found = failing(stock.outcomes, side.outcomes)
  const failures = await againAlone(there, hook, found)
  return {
    judged: [side, failures],
    told: { options, counts: countsOf(side), without: [...strict.keys()] },
  }
}

function print({ name, commit, stock, ours, lenient, verdict }: Report): void {
  const side = (title: string, c: Counts): void => {
    const tests = `${c.passed} passed, ${c.failed} failed, ${c.skipped} skipped`
    console.log(
      `${name.padEnd(14)} ${title}  ${tests}; ${c.requests} requests, ${c.servers} servers, ${c.seconds} s`,
    )
  }
  side(`stock (${commit})`, stock)
  side('ours ', ours)
  if (lenient !== undefined) {
    for (const test of lenient.without) console.log(`  without   ${test}`)
    console.log(`  with FASTHTTP_OPTIONS='${lenient.options}'`)
    side('ours ', lenient.counts)
  }
  for (const { name: test, error } of verdict.outside) console.log(`  outside   ${test}: ${error}`)
  for (const { name: test, error } of verdict.listed) console.log(`  listed    ${test}: ${error}`)
  for (const { name: test, error } of verdict.unlisted) console.log(`  UNLISTED  ${test}: ${error}`)
  for (const test of verdict.stale) console.log(`  STALE     ${test}: listed, but it does not fail`)
  for (const problem of verdict.problems) console.log(`  PROBLEM   ${problem}`)
  console.log(`${isFine(verdict) ? 'PASS' : 'FAIL'}  ${name}: ${verdict.percent} % fail`)
}

type Arguments = ReturnType<typeof parse>

interface Chosen {
  readonly chosen: readonly Suite[]
  readonly options: Options
}

function parse() {
  return parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      door: { type: 'string' },
      from: { type: 'string' },
      ref: { type: 'string' },
      hook: { type: 'string' },
      node: { type: 'string' },
      work: { type: 'string' },
      keep: { type: 'boolean', default: false },
      expected: { type: 'string', default: join(root, '__test__/suites/expected') },
      suites: { type: 'string' },
    },
  })
}

function readArguments({ values, positionals }: Arguments): Chosen {
  const known =
    values.suites === undefined
      ? SUITES
      : (JSON.parse(readFileSync(values.suites, 'utf8')) as readonly Suite[])
  const chosen = positionals.flatMap((name) => {
    const found = known.filter((suite) => name === 'all' || suite.name === name)
    if (found.length > 0) return found
    throw new Error(`no suite ${name}: all, smoke, ${known.map((suite) => suite.name).join(', ')}`)
  })
  if (chosen.length === 0) throw new Error('which suite?')
  if (values.from === undefined) throw new Error('--from <folder or bare git directory> is missing')
  if (values.work !== undefined && chosen.length > 1) throw new Error('--work is for one suite')
  return {
    chosen:
      values.ref === undefined ? chosen : chosen.map((s) => ({ ...s, ref: values.ref as string })),
    options: {
      from: resolve(values.from),
      hook: values.hook === undefined ? undefined : hookOf(values.hook),
      expected: resolve(values.expected),
      node: values.node,
      work: values.work,
      keep: values.keep,
    },
  }
}

/** What is loaded before our side of a suite. */
function ownHook({ hook }: Suite): string {
  return hook === undefined
    ? hookOf(undefined)
    : new URL(`./hooks/${hook}.js`, import.meta.url).href
}

/** What users preload, or a file in its place. */
function hookOf(file: string | undefined): string {
  return file === undefined
    ? import.meta.resolve('fasthttp/register')
    : pathToFileURL(resolve(file)).href
}

async function runSuites({ chosen, options }: Chosen): Promise<boolean> {
  const reports: Report[] = []
  for (const suite of chosen) {
    console.error(`  ${suite.name} ...`)
    const report = await runSuite(suite, options)
    reports.push(report)
    print(report)
  }
  const ok = reports.every(({ verdict }) => isFine(verdict))
  console.log(JSON.stringify({ ok, suites: reports }))
  return ok
}

function runSmoke({ values }: Arguments): boolean {
  return smoke({
    isQuick: values.quick,
    node: values.node === undefined ? process.execPath : resolve(values.node),
    door: values.door ?? import.meta.resolve('fasthttp/node'),
    fetch: import.meta.resolve('fasthttp/fetch'),
    hook: hookOf(values.hook),
  })
}

try {
  const given = parse()
  const ok =
    given.positionals[0] === 'smoke' ? runSmoke(given) : await runSuites(readArguments(given))
  process.exitCode = ok ? 0 : 1
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
