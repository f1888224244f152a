import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Suite } from './suite.ts'

/** Written into a copy when all of its preparations went well. */
const READY = '.fasthttp-suites-ready'

/** Minutes for one command of a preparation. */
const MINUTES = 10

/** The repository of a suite: what was named, or the one of its name in a folder of many. */
function sourceOf(suite: Suite, from: string): string {
  const many = join(from, suite.repository.replace('/', '+'), 'repo')
  const source = existsSync(many) ? many : from
  if (!existsSync(source)) throw new Error(`${suite.name}: there is no ${source}`)
  return source
}

/** A git directory without a work tree, or the `.git` of one. */
function isBare(path: string): boolean {
  return existsSync(join(path, 'objects')) && existsSync(join(path, 'HEAD'))
}

/** What of the repository the copy is of, for the table. */
export interface Copy {
  readonly folder: string
  /** The commit, or `-` of a folder that git does not know. */
  readonly commit: string
}

function git(source: string, ...args: string[]): string {
  return execFileSync('git', ['-C', source, ...args], { encoding: 'utf8' }).trim()
}

function exportTree(suite: Suite, source: string, target: string): string {
  mkdirSync(target, { recursive: true })
  if (!isBare(source)) {
    const own = suite.folder === undefined ? source : join(source, suite.folder)
    const filter = (path: string): boolean => !['node_modules', '.git'].includes(basename(path))
    cpSync(own, target, { recursive: true, filter })
    return '-'
  }
  const ref = suite.ref ?? 'HEAD'
  const commit = git(source, 'rev-parse', '--short', ref)
  const tree = suite.folder === undefined ? ref : `${ref}:${suite.folder}`
  const archive = ['-C', source, 'archive', '-o', join(target, 'tree.tar'), tree]
  execFileSync('git', [...archive, ...(suite.paths ?? [])], { stdio: ['ignore', 'ignore', 'pipe'] })
  execFileSync('tar', ['-xf', 'tree.tar'], { cwd: target })
  execFileSync('rm', ['tree.tar'], { cwd: target })
  return commit
}

/**
 * Makes a work copy in `target` and prepares it. One that is there already, whole, is taken as it is: that is
 * for those who try a suite again and again, with a folder of their own.
 */
export function copy(suite: Suite, from: string, target: string, env: NodeJS.ProcessEnv): Copy {
  const mark = join(target, READY)
  const source = sourceOf(suite, from)
  if (existsSync(mark)) return { folder: target, commit: 'as it was' }
  if (!statSync(source).isDirectory()) throw new Error(`${source} is no folder`)
  const commit = exportTree(suite, source, target)
  for (const [first = '', ...rest] of suite.install) {
    const [program = '', ...args] = first === '-' ? rest : [first, ...rest]
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: target,
      env,
      encoding: 'utf8',
      timeout: MINUTES * 60_000,
    })
    if (status !== 0 && first !== '-') {
      const said = `${stdout}\n${stderr}`.trim().slice(-2000)
      throw new Error(`${suite.name}: ${program} ${args.join(' ')} failed\n${said}`)
    }
  }
  writeFileSync(mark, commit)
  return { folder: target, commit }
}
