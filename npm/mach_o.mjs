// The parts of a 64-bit Mach-O file that say what it needs; see <mach-o/loader.h>, <mach-o/nlist.h>.
const CPU = { 0x01000007: 'x64', 0x0100000c: 'arm64' }
const [MH_DYLIB, MH_BUNDLE] = [6, 8]
const [LC_SYMTAB, LC_LOAD_DYLIB] = [0x2, 0xc]
const [N_STAB, N_TYPE, N_EXT, N_UNDF] = [0xe0, 0x0e, 0x01, 0x0]
/** DYNAMIC_LOOKUP_ORDINAL of Apple's linker, and what zig's writes for it. */
const NO_LIBRARY = [0xfe, 0]

const text = (bytes, at) => bytes.toString('latin1', at, bytes.indexOf(0, at))

/** Reads a little-endian Mach-O file for one processor. */
export function machO(bytes) {
  const [needed, symbols] = [[], []]
  let at = 32
  for (let left = bytes.readUInt32LE(16); left > 0; left--) {
    const kind = bytes.readUInt32LE(at)
    if (kind === LC_LOAD_DYLIB) needed.push(text(bytes, at + bytes.readUInt32LE(at + 8)))
    if (kind === LC_SYMTAB) symbols.push(...readSymbols(bytes, at))
    at += bytes.readUInt32LE(at + 4)
  }
  const external = symbols.filter(({ type }) => (type & N_STAB) === 0 && (type & N_EXT) !== 0)
  const isUndefined = ({ type }) => (type & N_TYPE) === N_UNDF
  return {
    format: [MH_DYLIB, MH_BUNDLE].includes(bytes.readUInt32LE(12)) ? 'Mach-O' : 'no library',
    arch: CPU[bytes.readUInt32LE(4)] ?? '?',
    needed,
    undefinedNames: external.filter(isUndefined).map(({ name }) => name),
    // Looked up in whatever is loaded, not in a library that is named.
    unplaced: external
      .filter((symbol) => isUndefined(symbol) && NO_LIBRARY.includes(symbol.library))
      .map(({ name }) => name),
    exported: external.filter((symbol) => !isUndefined(symbol)).map(({ name }) => name),
    isStripped: symbols.every(({ type }) => (type & N_STAB) === 0),
  }
}

function readSymbols(bytes, command) {
  const [symbols, count, strings] = [8, 12, 16].map((offset) =>
    bytes.readUInt32LE(command + offset),
  )
  return Array.from({ length: count }, (_, i) => {
    const at = symbols + 16 * i
    // Every C name begins with an underscore here.
    const name = text(bytes, strings + bytes.readUInt32LE(at)).replace(/^_/, '')
    return { name, type: bytes.readUInt8(at + 4), library: bytes.readUInt8(at + 7) }
  })
}
