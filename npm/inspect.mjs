// What a built binary is: its format, what it needs of the system, how large it is. Anything a user
// would have to install, or that is not what its name says, is a fault.
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { ADVICE, GLIBC, sourceToolchain } from './targets.mjs'
import { machO } from './mach_o.mjs'

/** Bytes. */
const LARGEST = 1 << 20
const NODE_API = /^(napi|node_api)_/
const ENTRY = 'napi_register_module_v1'

/** The libraries that are the C library of a platform. */
const LIBRARIES = {
  glibc: /^(lib(c|m|pthread|dl|rt|util)\.so\.\d|ld-linux[-\w]*\.so\.\d)$/,
  musl: /^libc(\.musl-\w+)?\.so(\.\d)?$/,
  freebsd: /^lib(c|m|thr|dl|rt|util|execinfo|kvm|memstat|procstat|devstat|sysdecode)\.so\.\d$/,
  darwin: /^\/usr\/lib\/(libSystem\.B|lib(iconv\.2|charset\.1))\.dylib$/,
}

const tool = (program, args) =>
  execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 })

function elf(path) {
  const header = tool('readelf', ['-hdSW', path])
  const symbols = tool('objdump', ['-T', path])
    .split('\n')
    .filter((line) => /^[0-9a-f]{8}/.test(line))
    .map((line) => {
      const [flags = '', rest = ''] = [line.slice(17, 24), line.slice(25)]
      const [section, , ...words] = rest.trim().split(/\s+/)
      const isLocal = flags.startsWith('l')
      return {
        name: words.at(-1),
        isUndefined: section === '*UND*',
        isWeak: flags.includes('w'),
        isVersioned: words.length > 1,
        isLocal,
      }
    })
  const versioned = symbols.some(({ isVersioned }) => isVersioned)
  const versions = [...tool('objdump', ['-T', path]).matchAll(/GLIBC_([\d.]+)/g)].map(([, v]) => v)
  return {
    format: /Type:\s+DYN/.test(header) ? 'ELF' : 'not a shared object',
    arch: /Machine:.*X86-64/.test(header)
      ? 'x64'
      : /Machine:.*AArch64/.test(header)
        ? 'arm64'
        : '?',
    needed: [...header.matchAll(/NEEDED.*\[(.*)\]/g)].map(([, name]) => name),
    undefinedNames: symbols.filter(({ isUndefined }) => isUndefined).map(({ name }) => name),
    // The C library of glibc and FreeBSD gives every name a version; musl has none.
    unplaced: versioned
      ? symbols
          .filter((symbol) => symbol.isUndefined && !symbol.isWeak && !symbol.isVersioned)
          .map(({ name }) => name)
      : [],
    exported: symbols
      .filter(({ isUndefined, isLocal }) => !isUndefined && !isLocal)
      .map(({ name }) => name),
    isStripped: !/\s\.symtab\s/.test(header),
    glibc: versions.toSorted(byVersion).at(-1),
  }
}

function byVersion(one, two) {
  const [a, b] = [one, two].map((version) => version.split('.').map(Number))
  const at = a.findIndex((number, i) => number !== b[i])
  return at < 0 ? 0 : a[at] - (b[at] ?? 0)
}

/** A DLL; nothing more is asked of it here than what it is. */
function pe(bytes) {
  const at = bytes.readUInt32LE(0x3c)
  const arch = { 0x8664: 'x64', 0xaa64: 'arm64' }[bytes.readUInt16LE(at + 4)] ?? '?'
  return { format: 'PE', arch, needed: [], undefinedNames: [], exported: [ENTRY], isStripped: true }
}

function read(path) {
  const bytes = readFileSync(path)
  if (bytes.readUInt32BE(0) === 0x7f454c46) return elf(path)
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return machO(bytes)
  if (bytes.toString('latin1', 0, 2) === 'MZ') return pe(bytes)
  return { format: '?', arch: '?', needed: [], undefinedNames: [], exported: [], isStripped: false }
}

const FORMATS = { linux: 'ELF', freebsd: 'ELF', darwin: 'Mach-O', win32: 'PE' }

/** What to do about a binary that is too large, if something can be done here. */
const smaller = (hasSources) =>
  hasSources ? '' : `; a standard library compiled for it takes 200 KB less: ${ADVICE}`

/** Looks at the prebuilt binary of a target; `hasSources` says whether a standard library can be compiled here. */
export function inspect(
  target,
  path = target.prebuild,
  hasSources = sourceToolchain() !== undefined,
) {
  const size = statSync(path).size
  const seen = read(path)
  const foreign = seen.needed.filter(
    (name) => !LIBRARIES[target.libc ?? target.platform]?.test(name),
  )
  const strange = (seen.unplaced ?? []).filter((name) => !NODE_API.test(name))
  const faults = [
    [
      seen.format !== FORMATS[target.platform],
      `is ${seen.format}, not ${FORMATS[target.platform]}`,
    ],
    [seen.arch !== target.arch, `is for ${seen.arch}, not ${target.arch}`],
    [strange.length > 0, `lacks ${strange.join(', ')}`],
    [foreign.length > 0, `needs ${foreign.join(', ')}`],
    [!seen.exported.includes(ENTRY), `does not export ${ENTRY}`],
    [size >= LARGEST, `has ${size} bytes, allowed are ${LARGEST}${smaller(hasSources)}`],
    [!seen.isStripped, 'is not stripped'],
    [byVersion(seen.glibc ?? GLIBC, GLIBC) > 0, `needs glibc ${seen.glibc}`],
    [target.libc === 'musl' && seen.glibc !== undefined, 'needs glibc'],
  ]
  return {
    name: target.name,
    ...seen,
    size,
    faults: faults.filter(([isSo]) => isSo).map(([, what]) => what),
  }
}

/** Prints what was seen, a line a binary. */
export function print(seen) {
  for (const { name, format, arch, size, needed, undefinedNames, glibc, faults } of seen) {
    const napi = undefinedNames.filter((symbol) => NODE_API.test(symbol)).length
    const parts = [
      `${format} ${arch}`,
      `${(size / 1024).toFixed(0)} KiB`,
      `undefined: ${napi} napi, ${undefinedNames.length - napi} of ${needed.join(' ') || 'nothing'}`,
    ]
    if (glibc !== undefined) parts.push(`glibc >= ${glibc}`)
    console.log(
      `${name}: ${parts.join('; ')}${faults.map((fault) => `; FAULT: ${fault}`).join('')}`,
    )
  }
}
