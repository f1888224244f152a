import test from 'ava'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/root.ts'
import { homeOf, type Modules, modulesIn, strangeIn } from './crate.ts'

const native = join(root, 'native')

/** An arrow between two children of one module, and who draws it. */
type Arrows = Map<string, Map<string, string>>

/** What the children of each module use of one another, each with all that is inside it. */
function arrowsOf(modules: Modules): Map<string, Arrows> {
  const found = new Map<string, Arrows>()
  for (const { path, uses } of modules.values()) {
    for (const used of uses) {
      const home = homeOf(used, modules)
      if (home === undefined) continue
      let shared = 0
      while (shared < path.length && path[shared] === home[shared]) shared++
      const [from, to] = [path[shared], home[shared]]
      // One of them is inside the other: a child may use what its parent has.
      if (from === undefined || to === undefined) continue
      const parent = path.slice(0, shared).join('::')
      const arrows: Arrows = found.get(parent) ?? new Map<string, Map<string, string>>()
      const own = arrows.get(from) ?? new Map<string, string>()
      own.set(to, `${path.slice(shared).join('::')} uses ${used.slice(shared).join('::')}`)
      found.set(parent, arrows.set(from, own))
    }
  }
  return found
}

/** A way from a module back to itself, if there is one. */
function circleFrom(start: string, arrows: Arrows): string[] | undefined {
  const before = new Map<string, string>()
  const queue = [start]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const to of arrows.get(next)?.keys() ?? []) {
      if (to === start) {
        const way = [start]
        for (let at = next; at !== start; at = before.get(at) ?? start) way.unshift(at)
        return [start, ...way]
      }
      if (!before.has(to)) {
        before.set(to, next)
        queue.push(to)
      }
    }
  }
  return undefined
}

function circlesOf(arrows: Arrows): string[] {
  const found = new Map<string, string>()
  for (const start of arrows.keys()) {
    const circle = circleFrom(start, arrows)
    if (circle === undefined) continue
    const steps = circle.slice(1).map((to, at) => arrows.get(circle[at] ?? '')?.get(to))
    found.set([...new Set(circle)].toSorted().join(), `${circle.join(' -> ')}: ${steps.join('; ')}`)
  }
  return [...found.values()]
}

/** Circles among the children of each module. */
function allCirclesOf(modules: Modules): string[] {
  return [...arrowsOf(modules).values()].flatMap(circlesOf)
}

const CASES: [what: string, a: string, b: string, isCircle: boolean][] = [
  ['two that use each other', 'use crate::b::B;', 'use crate::a::A;', true],
  ['one way', 'use crate::b::B;', 'pub struct B;', false],
  ['by super', 'use super::b::B;', 'use super::{a::A, c};', true],
  ['in a tree', 'use crate::{c, b::{self, B as Other}};', 'use crate::a;', true],
  ['without a use', 'fn f() { crate::b::g() }', 'fn g() { super::a::f() }', true],
  ['by way of a third', 'use crate::b::B;', 'use crate::c::C;', true],
  ['by what a third exports', 'use crate::c::OfB;', 'use crate::a::A;', true],
  ['inside a module of its own', 'mod k { use super::super::b::B; }', 'use crate::a::A;', true],
  ['its own inner module', 'mod b { pub struct B; } use self::b::B;', 'use crate::a::A;', false],
  ['by the name of a module', 'use crate::b; fn f() { b::g() }', 'use crate::a::A;', true],
  [
    'by a way begun elsewhere',
    'use crate as all; fn f() { all::b::g() }',
    'use crate::a::A;',
    true,
  ],
  ['by another name', 'use crate::b as n; use n::B;', 'use crate::a::A;', true],
  ['by a name in a tree', 'use crate::{b as n}; fn f(b: n::B) {}', 'use crate::a::A;', true],
  ['by all that is there', 'use super::*; fn f(b: b::B) {}', 'use crate::a::A;', true],
  ['by a name of all that is there', 'use super::*; fn f(p: Known) {}', 'use crate::a::A;', true],
  ['by a raw name', 'use crate::r#b::B;', 'use crate::a::A;', true],
  ['another crate of that name', 'use ::b::B;', 'use crate::a::A;', false],
  ['another crate', 'use std::fmt; fn f() { fmt::b::x() }', 'use crate::a::A;', false],
  ['all of another crate', 'use std::*; fn f(p: c::P) {}', 'use crate::a::A;', false],
  ['in a comment', '// use crate::b::B;\n/* crate::b::B */', 'use crate::a::A;', false],
  ['in words', 'const T: &str = "crate::b::B"; fn f<\'a>() {}', 'use crate::a::A;', false],
  ['in a test', '#[cfg(test)] mod tests { use crate::b::B; }', 'use crate::a::A;', false],
  ['behind a test', '#[cfg(test)] mod t { } use crate::b::B;', 'use crate::a::A;', true],
  ['its parent', 'use crate::P;', 'use super::{P, a};', false],
]

for (const [what, a, b, isCircle] of CASES) {
  test(`circles are told: ${what}`, (t) => {
    const c = 'pub use crate::b::B as OfB; use crate::a::A;'
    const isNamed = /third/.test(what)
    const files = [
      ['lib.rs', 'mod a; mod b; mod c; pub struct P; use b::B as Known;'],
      ['a.rs', a],
      ['b/mod.rs', b],
      ['c.rs', isNamed ? c : ''],
    ] as const
    t.is(allCirclesOf(modulesIn(files)).length > 0, isCircle)
  })
}

for (const use of ['use crate::net;', 'use crate::net as net;', 'use super::super::net;']) {
  test(`circles are told: by the name of the module around both, ${use}`, (t) => {
    const files = [
      ['lib.rs', 'mod net;'],
      ['net/mod.rs', 'mod a; mod b;'],
      ['net/a.rs', `${use} fn f() { net::b::g() }`],
      ['net/b.rs', 'use super::a::A;'],
    ] as const
    t.is(allCirclesOf(modulesIn(files)).length, 1)
  })
}

const names = readdirSync(native, { recursive: true, encoding: 'utf8' })
const files = names
  .filter((name) => name.endsWith('.rs'))
  .map((name) => [name, readFileSync(join(native, name), 'utf8')] as const)
const modules = modulesIn(files)

const STRANGE: [text: string, found: string[]][] = [
  ['#[path = "other.rs"] mod a;', ['#[path =']],
  ['#[cfg_attr(unix, path = "unix.rs")] mod a;', ['#[cfg_attr(unix, path =']],
  ['extern crate self as me;', ['extern crate self']],
  ['include!("a.rs");', ['include!']],
  ['// #[path = "other.rs"]\nlet path = include_str!("a");', []],
]

test('modules are where the names of files say, under the name of the crate', (t) => {
  for (const [text, found] of STRANGE) t.deepEqual(strangeIn(text), found)
  for (const [name, text] of files) t.deepEqual(strangeIn(text), [], name)
})

test('every path leads to a module', (t) => {
  t.true(modules.size > 100)
  for (const { path, uses } of modules.values()) {
    for (const used of uses.filter(
      ([first, second]) => first === 'crate' && second !== undefined,
    )) {
      const home = homeOf(used, modules) ?? []
      // Of `crate` itself nothing is used.
      t.true(
        home.length > 1 || used.join('::') === 'crate',
        `${path.join('::')}: ${used.join('::')}`,
      )
    }
  }
})

for (const [parent, arrows] of arrowsOf(modules)) {
  test(`modules of ${parent} use each other in one direction`, (t) => {
    t.deepEqual(circlesOf(arrows), [])
  })
}

test("a module exports what is its own or a child's, and nothing else", (t) => {
  for (const { path, exports } of modules.values()) {
    for (const exported of exports.filter(([first]) => first === 'crate')) {
      const home = homeOf(exported, modules) ?? []
      const isInside = path.every((segment, at) => home[at] === segment)
      t.true(isInside, `${path.join('::')} exports ${exported.join('::')}`)
    }
  }
})
