import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { compile } from './compile.ts'
import { writeFiles } from './files.ts'

const sources = new URL('../../../benchmark/', import.meta.url)
const binaries = new URL('bin/', sources)
const adapters = new URL('../rivals/', import.meta.url)
const collector = fileURLToPath(new URL('collect.js', import.meta.url))
// Left to itself V8's young generation grows by up to 8 MiB under load, more than the idle connections
// that are to be measured; held small, two readings without a change differ by less than 1 MiB.
const steadyHeap = ['--expose-gc', '--max-semi-space-size=1']
const fetchHint = 'run benchmark/fetch-rivals.sh'

/** A server that is measured. */
export interface Rival {
  readonly name: string
  /** Whether its main thread runs JavaScript, so that the threads can be told apart. */
  readonly javascript: boolean
  /** Whether it answers every small case with the text of `/`. */
  readonly constant?: boolean
  /** Whether it serves files, and nothing else. */
  readonly files?: boolean
  /** Whether it is only measured when named. */
  readonly optional?: boolean
  /**
   * Gives the command that serves the port appended to it; throws an error that says what is missing.
   * `collects`: SIGUSR2 must collect the garbage, where the runtime has a collector to call.
   */
  command(collects: boolean): string[]
}

/** The rivals in the order of the table. */
export const rivals: readonly Rival[] = [
  { name: 'limit', javascript: false, constant: true, command: () => [compile('rivals/limit')] },
  onNode('ours-sync', 'ours-sync'),
  onNode('ours-async', 'ours-async'),
  onNode('ours-raw', 'ours-raw'),
  { ...onNode('ours-append', 'ours-append'), optional: true },
  onNode('node:http', 'node-http'),
  onNode('ours-node', 'ours-node'),
  {
    ...onNode('fastify', 'fastify'),
    command: (collects) => {
      if (binary('frameworks/node_modules/fastify') === undefined)
        missing(`no Fastify: ${fetchHint}`)
      return onNode('fastify', 'fastify').command(collects)
    },
  },
  {
    name: 'bun',
    javascript: true,
    command: (collects) => [
      process.env['BUN_BIN'] ??
        binary('bun') ??
        onPath('bun') ??
        missing(`no bun: set BUN_BIN or ${fetchHint}`),
      ...(collects ? ['--expose-gc', '--preload', collector] : []),
      adapter('bun'),
    ],
  },
  {
    name: 'go-fasthttp',
    javascript: false,
    command: () => [binary('go-fasthttp') ?? missing(`not built: ${fetchHint}`)],
  },
  ...['ours-sync', 'ours-async', 'ours-raw'].map((name) => withThreads(name, 0)),
  withThreads('ours-node', 1),
  { ...onNode('ours-file', 'ours-file'), files: true },
  { name: 'nginx', javascript: false, files: true, command: serveWithNginx },
  ...['22', '24', '26'].flatMap((release) => [
    { ...onNode(`node:http@${release}`, 'node-http', release), optional: true },
    { ...onNode(`ours-node@${release}`, 'ours-node', release), optional: true },
    { ...onNode(`ours-sync@${release}`, 'ours-sync', release), optional: true },
  ]),
]

/** The rivals to which the others are compared. */
export const baselines: readonly string[] = ['limit', 'node:http', 'bun', 'nginx']

function onNode(name: string, file: string, release?: string): Rival {
  return {
    name,
    javascript: true,
    command: (collects) => [
      nodeOf(release),
      ...(collects ? [...steadyHeap, '--import', collector] : []),
      adapter(file),
    ],
  }
}

/** One of ours with so many threads; 0: its server runs on that of JavaScript. */
function withThreads(name: string, threads: number): Rival {
  const { command, ...other } = onNode(name, name)
  const on = (collects: boolean): string[] => [...command(collects), String(threads)]
  return { ...other, name: `${name}-${threads}`, optional: true, command: on }
}

/** The path of a Node.js; throws an error that says how to get one that is missing. */
export function nodeOf(release: string | undefined): string {
  if (release === undefined) return process.execPath
  return binary(`node-${release}`) ?? missing(`no Node.js ${release}: ${fetchHint} ${release}`)
}

function serveWithNginx(): string[] {
  if (spawnSync('nginx', ['-v']).error) missing('no nginx: benchmark/fetch-rivals.sh --nginx')
  return ['sh', fileURLToPath(new URL('rivals/nginx.sh', sources)), writeFiles()]
}

function adapter(file: string): string {
  return fileURLToPath(new URL(`${file}.js`, adapters))
}

function binary(name: string): string | undefined {
  const url = new URL(name, binaries)
  return existsSync(url) ? fileURLToPath(url) : undefined
}

function onPath(command: string): string | undefined {
  return spawnSync(command, ['--version']).status === 0 ? command : undefined
}

function missing(reason: string): never {
  throw new Error(reason)
}
