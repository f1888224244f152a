#!/usr/bin/env node
// What prebuildify runs in place of node-gyp (PREBUILD_NODE_GYP): builds the addon with cargo for
// PREBUILD_PLATFORM, PREBUILD_ARCH and PREBUILD_LIBC, and leaves build/Release/fasthttp.node.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  ADVICE,
  fail,
  flags,
  GLIBC,
  needZig,
  root,
  run,
  sourceToolchain,
  targets,
  toolchain,
} from './targets.mjs'

const { PREBUILD_PLATFORM, PREBUILD_ARCH, PREBUILD_LIBC } = process.env
const target = targets.find(
  ({ platform, arch, libc }) =>
    platform === PREBUILD_PLATFORM &&
    arch === PREBUILD_ARCH &&
    (libc === undefined || libc === PREBUILD_LIBC),
)
if (target === undefined) fail(`no target ${PREBUILD_PLATFORM} ${PREBUILD_ARCH} ${PREBUILD_LIBC}`)
const { triple, platform, libc } = target
/** Linux is always linked by zig, which knows old versions of glibc; others by themselves at home. */
const needsZig = platform === 'linux' || platform !== process.platform
if (needsZig) needZig()
const chain =
  sourceToolchain() ?? toolchain(target) ?? fail(`no toolchain for ${triple}: ${ADVICE}`)

const folder = join(root, chain.folder)
const env = { ...chain.env, ...flags(target), CARGO_TARGET_DIR: folder }
// The oldest that Node 20 runs on; zig would take a new one.
if (platform === 'darwin')
  env.MACOSX_DEPLOYMENT_TARGET = process.env.MACOSX_DEPLOYMENT_TARGET ?? '11.0'
const place = needsZig && libc === 'glibc' ? `${triple}.${GLIBC}` : triple
const args = ['--release', '--lib', '--target', place, ...chain.args]
if (needsZig) run('cargo-zigbuild', ['zigbuild', ...args], env)
else run(chain.cargo, ['build', ...args], env)

const file = { darwin: 'libfasthttp.dylib', win32: 'fasthttp.dll' }[platform] ?? 'libfasthttp.so'
const release = join(root, 'build', 'Release')
rmSync(release, { recursive: true, force: true })
mkdirSync(release, { recursive: true })
copyFileSync(join(folder, triple, 'release', file), join(release, 'fasthttp.node'))
