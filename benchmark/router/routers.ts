// Routers in JavaScript, and ours as JavaScript reaches it, on the four benchmark sets: by
// benchmark.js, every route of a set in turn, with paths that are made afresh out of bytes as a
// server makes them. What making them costs is measured and taken off. Go's fasthttprouter, which they
// are all after, is asked the same in a program of its own.
//
// benchmark/fetch-rivals.sh --routers fetches the rivals; those that are missing are named and skipped.

import Benchmark from 'benchmark'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

import { bytesOver } from '../../ts/crossing/bytes.ts'
import { Router } from '../../ts/index.ts'

interface Route {
  readonly method: string
  readonly path: string
}
type Find = (method: string, path: string) => unknown
type Make = (load: (name: string) => never) => (routes: readonly Route[]) => Find

const rivals: readonly (readonly [name: string, make: Make])[] = [
  ['ours, lookup', () => ours],
  ['find-my-way', findMyWay],
  ['rou3', rou3],
  ['memoirist', memoirist],
  ['@medley/router', medley],
  ['koa-tree-router', koaTreeRouter],
]

const require = createRequire(new URL('../../../benchmark/bin/routers/', import.meta.url))
const go = fileURLToPath(new URL('../../../benchmark/bin/go-fasthttprouter', import.meta.url))
const noop = (): void => undefined

for (const set of ['static', 'github', 'gplus', 'parse']) {
  const file = new URL(`../../../__test__/cases/routes-${set}.json`, import.meta.url)
  const { routes } = JSON.parse(readFileSync(file, 'utf8')) as { routes: Route[] }
  const requests = routes.map(({ method, path }) => ({ method, ...inBytes(path) }))
  const turn = (find: Find) => () => {
    for (const { method, bytes, length } of requests) find(method, bytes.latin1Slice(0, length))
  }
  const made = measure(turn(() => undefined))
  console.log(`${set}, ${routes.length} routes`)
  for (const [name, make] of rivals) {
    try {
      const find = make((rival) => require(rival) as never)(routes)
      for (const { method, bytes, length } of requests) {
        const path = bytes.latin1Slice(0, length)
        if (!find(method, path)) throw new Error(`${method} ${path} is not found`)
      }
      show(name, ((measure(turn(find)) - made) / routes.length) * 1e9)
    } catch (error) {
      skip(name, error)
    }
  }
  try {
    show('Go fasthttprouter', Number(execFileSync(go, [fileURLToPath(file)], { encoding: 'utf8' })))
  } catch (error) {
    skip('Go fasthttprouter', error)
  }
}

function show(name: string, nanoseconds: number): void {
  console.log(`  ${name.padEnd(17)} ${nanoseconds.toFixed(0).padStart(6)} ns a lookup`)
}

function skip(name: string, error: unknown): void {
  console.log(`  ${name.padEnd(17)} skipped: ${(error as Error).message.split('\n')[0]}`)
}

/** Seconds of one turn. */
function measure(turn: () => void): number {
  const run = new Benchmark(turn, { maxTime: 0.5 }).run()
  return run.stats?.mean ?? NaN
}

function inBytes(path: string): { bytes: ReturnType<typeof bytesOver>; length: number } {
  const filled = path.split('/').map((segment, i) => segment.replace(/[:*].*/, `val${i}x`))
  const text = Buffer.from(filled.join('/'))
  const bytes = bytesOver(new ArrayBuffer(text.length), 0, text.length)
  bytes.set(text)
  return { bytes, length: text.length }
}

function ours(routes: readonly Route[]): Find {
  const router = new Router({ overlap: 'static-first' })
  for (const { method, path } of routes) router.handle(method, path, () => '')
  return (method, path) => router.lookup(method, path).handler
}

function findMyWay(load: (name: string) => never): ReturnType<Make> {
  const create = load('find-my-way') as () => {
    on(method: string, path: string, handler: () => void): void
    find(method: string, path: string): unknown
  }
  return (routes) => {
    const router = create()
    for (const { method, path } of routes) router.on(method, path, noop)
    return (method, path) => router.find(method, path)
  }
}

function rou3(load: (name: string) => never): ReturnType<Make> {
  const lib = load('rou3') as {
    createRouter(): object
    addRoute(router: object, method: string, path: string, data: object): void
    findRoute(router: object, method: string, path: string): unknown
  }
  return (routes) => {
    const router = lib.createRouter()
    for (const { method, path } of routes) lib.addRoute(router, method, path, { path })
    return (method, path) => lib.findRoute(router, method, path)
  }
}

function memoirist(load: (name: string) => never): ReturnType<Make> {
  const { Memoirist } = load('memoirist') as {
    Memoirist: new () => {
      add(method: string, path: string, store: object): void
      find(method: string, path: string): unknown
    }
  }
  return (routes) => {
    const router = new Memoirist()
    for (const { method, path } of routes) router.add(method, path, { path })
    return (method, path) => router.find(method, path)
  }
}

function medley(load: (name: string) => never): ReturnType<Make> {
  const MedleyRouter = load('@medley/router') as new () => {
    register(path: string): Record<string, unknown>
    find(path: string): { store: Record<string, unknown> } | null
  }
  return (routes) => {
    const router = new MedleyRouter()
    // Its parameters at one place must have one name.
    for (const { method, path } of routes) {
      const named = path.split('/').map((segment, i) => segment.replace(/:.*/, `:p${i}`))
      router.register(named.join('/').replace(/\*.*/, '*'))[method] = noop
    }
    return (method, path) => router.find(path)?.store[method]
  }
}

function koaTreeRouter(load: (name: string) => never): ReturnType<Make> {
  const KoaTreeRouter = load('koa-tree-router') as new () => {
    on(method: string, path: string, handler: () => void): void
    find(method: string, path: string): { handle: unknown }
  }
  return (routes) => {
    const router = new KoaTreeRouter()
    for (const { method, path } of routes) router.on(method, path, noop)
    return (method, path) => router.find(method, path).handle
  }
}
