// The targets of package.json's `napi.targets`, and which toolchain can compile for each.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository. */
export const root = fileURLToPath(new URL('..', import.meta.url))
/** package.json. */
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
/** The oldest glibc that binaries run on: that of CentOS 7, and the oldest that Rust supports. */
export const GLIBC = '2.17'

const ARCH = { x86_64: 'x64', aarch64: 'arm64' }
const SYSTEM = { darwin: 'darwin', freebsd: 'freebsd', linux: 'linux', windows: 'win32' }
const ABI = { gnu: '-gnu', musl: '-musl', msvc: '-msvc' }
const LIBC = { gnu: 'glibc', musl: 'musl' }

function describe(triple) {
  const [cpu, , system, abi] = triple.split('-')
  const [platform, arch] = [SYSTEM[system], ARCH[cpu]]
  const libc = platform === 'linux' ? LIBC[abi] : undefined
  const file = libc === undefined ? 'fasthttp.node' : `fasthttp.${libc}.node`
  return {
    triple,
    platform,
    arch,
    /** `glibc` or `musl`; Linux only. */
    libc,
    /** Its folder in npm/, after Node's and napi's names. */
    name: `${platform}-${arch}${ABI[abi] ?? ''}`,
    /** Its place in the published package. */
    prebuild: join(root, 'prebuilds', `${platform}-${arch}`, file),
  }
}

/** All targets. */
export const targets = manifest.napi.targets.map(describe)

/** Finds a target by name or triple; ends the process with a message if there is none. */
export function find(name) {
  const found = targets.find((target) => target.name === name || target.triple === name)
  return found ?? fail(`no target ${name}; there are ${targets.map(({ name: n }) => n).join(', ')}`)
}

/** Says what is wrong and ends the process. */
export function fail(message) {
  console.error(`fasthttp: ${message}`)
  process.exit(1)
}

/** Runs a program with its output shown; ends the process if it fails. */
export function run(program, args, env = {}, cwd = root) {
  const shell = process.platform === 'win32' && !program.endsWith('.exe')
  const { status, error } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: 'inherit',
    shell,
  })
  if (error) fail(`${program}: ${error.message}`)
  if (status !== 0) fail(`${program} ${args.join(' ')} exited with ${status}`)
}

function output(program, args, env = {}) {
  const { stdout, status } = spawnSync(program, args, { env: { ...process.env, ...env } })
  return status === 0 ? stdout.toString() : undefined
}

/** Ends the process with a sentence if there is no Rust to build with: a shell's own does not say what is missing. */
export function needCargo() {
  if (output('cargo', ['--version']) === undefined)
    fail('building needs Rust and there is no cargo on the PATH: install it from https://rustup.rs')
}

/** The same where there is nothing to link with for the systems of others. */
export function needZig() {
  const { error } = spawnSync('cargo-zigbuild', ['--version'])
  if (error?.code === 'ENOENT')
    fail(
      'this binary is linked by zig and there is no cargo-zigbuild on the PATH: pip install cargo-zigbuild ziglang',
    )
}

/** Where a sysroot has the sources of the standard library: rustup's rust-src, Debian's rust-web-src. */
const SOURCES = 'lib/rustlib/src/rust/library'
/** A cargo and its rustc: those on the PATH, and Debian's. */
const CARGOS = [
  ['cargo', 'rustc'],
  ['/usr/bin/cargo', '/usr/bin/rustc'],
]

const sysrootOf = (rustc) => output(rustc, ['--print', 'sysroot'])?.trim()

/**
 * A cargo that can compile the standard library for any target; `undefined` if there is none. What
 * would name the functions of a backtrace is left out: in a stripped binary it has nothing to read,
 * and it is a fifth of ours.
 */
export function sourceToolchain() {
  const found = CARGOS.find(([, rustc]) => {
    const sysroot = sysrootOf(rustc)
    return sysroot !== undefined && existsSync(join(sysroot, SOURCES))
  })
  if (found === undefined) return undefined
  const [cargo, rustc] = found
  const env = { RUSTC_BOOTSTRAP: '1', ...(cargo === 'cargo' ? {} : { CARGO: cargo, RUSTC: rustc }) }
  const args = ['-Zbuild-std=std,panic_unwind', '-Zbuild-std-features=panic-unwind']
  return { cargo, args, env, folder: 'target/build-std' }
}

/**
 * A cargo that has the standard library of a target, or can compile it; `undefined` if there is
 * none. They keep their work in different folders.
 */
export function toolchain({ triple }) {
  const sysroot = sysrootOf('rustc')
  if (sysroot !== undefined && existsSync(join(sysroot, 'lib', 'rustlib', triple, 'lib'))) {
    return { cargo: 'cargo', args: [], env: {}, folder: 'target' }
  }
  return sourceToolchain()
}

/**
 * What stands for the folders of whoever builds in the names of source files, which panics print; the
 * last that fits counts. One with a space cannot be named in `RUSTFLAGS`.
 */
function remapped() {
  const { CARGO_HOME = join(homedir(), '.cargo') } = process.env
  const sources = join(CARGO_HOME, 'registry', 'src')
  // Before that it is unknown under which name of a registry they will be.
  output('cargo', ['fetch', '--locked', '--manifest-path', join(root, 'Cargo.toml')])
  const registries = existsSync(sources) ? readdirSync(sources) : []
  const sysroots = CARGOS.map(([, rustc]) => sysrootOf(rustc)).filter((path) => path !== undefined)
  const folders = [
    [homedir(), '/home'],
    ...sysroots.map((path) => [join(path, 'lib', 'rustlib', 'src', 'rust'), '/rust']),
    [CARGO_HOME, '/cargo'],
    ...registries.map((name) => [join(sources, name), '/crates']),
    [root.replace(/\/$/, ''), '/fasthttp'],
  ]
  return folders
    .filter(([from]) => !from.includes(' '))
    .map(([from, to]) => `--remap-path-prefix=${from}=${to}`)
}

/**
 * Flags of a binary that is given away: it says nothing of the machine that built it. Rust links musl
 * statically unless told otherwise, and a static library cannot be loaded.
 */
export const flags = ({ libc }) => {
  const own = libc === 'musl' ? ['-C target-feature=-crt-static'] : []
  return { RUSTFLAGS: [process.env.RUSTFLAGS ?? '', ...own, ...remapped()].join(' ').trim() }
}

/** Tells cargo-zigbuild of PyPI's zig: prebuildify changes the PATH by which that is found. */
export function zigOf() {
  const where = 'import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), "zig"))'
  const zig = process.env.CARGO_ZIGBUILD_ZIG_PATH ?? output('python3', ['-c', where])?.trim()
  return zig === undefined ? {} : { CARGO_ZIGBUILD_ZIG_PATH: zig }
}

/** What to install for targets that rustup did not install. */
export const ADVICE =
  "install the standard library's sources (rustup component add rust-src, or Debian rustc-web cargo-web rust-web-src rust-web-clippy)"
