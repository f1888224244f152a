import { type Case, cases as table, families } from '../../__test__/support/cases.ts'
import { faultOf, type Rig, startRig, type Way } from '../../__test__/wire/conformance.ts'
import { inParallel } from '../../__test__/support/service.ts'
import { run } from './command.ts'
import { exactly, type Figure, type Row, tell } from './row.ts'
import { scoped } from './scope.ts'

/** Connections at a time. */
const LIMIT = 64
/** Bytes up to which a case is also sent in pieces. */
const SHORT = 1024
/** Cuts of a case at most: all of its places, or so many of them, evenly. */
const CUTS = 64

interface Area {
  readonly name: string
  readonly all: readonly Case[]
  /** Those that are sent byte by byte, too. */
  readonly bytewise: readonly Case[]
  /** Those that are sent in two parts, too. */
  readonly split: readonly Case[]
}

/**
 * Every case of the table and every byte of every family over TCP, in one write; those of up to 1 KiB (of
 * a family, the edges of its ranges) byte by byte as well; cases of up to 1 KiB in two parts, cut at every
 * place or at 64 of them. Right is only the outcome of the table: what it allows beside that is not taken.
 * In process, `cargo test` adds every cut, and every pair of cuts of short cases.
 */
export const cases: Row = {
  name: 'cases',
  title: 'public cases and families over TCP: whole, byte by byte, split',
  async measure() {
    const score = new Score()
    for (const area of areas())
      await scoped(async (scope) => score.add(await startRig(scope), area))
    return [...score.figures(), await inProcess()]
  },
}

function areas(): Area[] {
  const all = table()
  const isShort = ({ bytes }: Case): boolean => bytes.length <= SHORT
  const named = [...new Set(all.map(({ area }) => area))].map((name) => {
    const own = all.filter(({ area }) => area === name)
    return { name, all: own, bytewise: own.filter(isShort), split: own.filter(isShort) }
  })
  const members = families()
  const family = {
    name: 'families',
    all: members.flatMap((one) => one.cases),
    bytewise: members.flatMap((one) => one.edges),
    split: [],
  }
  return [...named, family]
}

/** What came of all cases. */
class Score {
  #cases = 0
  #strict = [0, 0]
  /** Cases that end otherwise than the table says, whole; and those that do in pieces only. */
  readonly #wrong = new Set<string>()
  readonly #changed = new Set<string>()

  async add(rig: Rig, { name, all, bytewise, split }: Area): Promise<void> {
    const sent: readonly (readonly [string, readonly [Case, Way][]])[] = [
      ['whole', all.map((one) => [one, 'whole'])],
      ['byte by byte', bytewise.map((one) => [one, 'byte by byte'])],
      ['split', split.flatMap((one) => cuts(one).map((cut): [Case, Way] => [one, cut]))],
    ]
    const counts: string[] = []
    for (const [way, list] of sent) {
      let right = 0
      await inParallel(list, LIMIT, async ([one, how]) => {
        if (await this.#isRight(rig, one, how)) right++
      })
      counts.push(`${way} ${right} of ${list.length}`)
    }
    this.#cases += all.length
    const strict = all.filter((one) => one.strict)
    this.#strict[0]! += strict.filter(({ id }) => !this.#wrong.has(id)).length
    this.#strict[1]! += strict.length
    tell(`${name}: ${counts.join(', ')}`)
    for (const { error } of rig.service.errors) {
      tell(`${name}: ${String(error)}`)
      this.#wrong.add(`${name}: an error`)
    }
  }

  async #isRight(rig: Rig, one: Case, way: Way): Promise<boolean> {
    const fault = await faultOf(rig, one, way)
    if (fault === undefined) return true
    tell(fault)
    if (way === 'whole') this.#wrong.add(one.id)
    else if (!this.#wrong.has(one.id)) this.#changed.add(one.id)
    return false
  }

  figures(): Figure[] {
    const [taken = 0, strict = 0] = this.#strict
    return [
      exactly(`violations in ${this.#cases} cases and bytes of families`, this.#wrong.size, 0),
      exactly('changes under fragmentation', this.#changed.size, 0),
      exactly('strict outcomes taken', taken, strict),
    ]
  }
}

function cuts({ bytes }: Case): number[] {
  const places = bytes.length - 1
  const count = Math.min(places, CUTS)
  return Array.from({ length: count }, (_, i) => 1 + Math.floor((i * places) / count))
}

/** The same table without a socket. */
async function inProcess(): Promise<Figure> {
  const { code, stdout } = await run(['cargo', 'test', '--release', 'conformance'], 30)
  const passed = Number(/^test result: .* (\d+) passed/m.exec(stdout)?.[1] ?? 0)
  tell(`in process: ${passed} tests passed`)
  return exactly('in process, every cut: failures', code === 0 && passed > 0 ? 0 : 1, 0)
}
