// Rows that are programs of their own, each of which says its result in one line of JSON.

import { numberOf, resultOf } from './command.ts'
import { atMost, exactly, type Figure, type Row, tell } from './row.ts'

const WORST_INPUT = 'cargo test --release worst_input -- --ignored --nocapture'
const SANITIZERS = ['asan', 'tsan', 'valgrind']

/**
 * A test of cargo's times the parser on typical requests and on each input that was made to be slow, per
 * byte, best of several trials; the worst of them as a multiple of the typical.
 */
export const worstInput: Row = {
  name: 'worst-input',
  title: "the parser's worst input",
  async measure() {
    const result = await resultOf(WORST_INPUT.split(' '), 30)
    tell(JSON.stringify(result))
    const times = numberOf(result, 'worstNsPerByte') / numberOf(result, 'typicalNsPerByte')
    return [atMost(`${result['worst']} / a typical request, per byte`, times, 4, 'x', 2)]
  },
}

/** `__test__/faults.sh`: the cases and sequences with faults in 5 % of the I/O threads' system calls. */
export const faults: Row = {
  name: 'faults',
  title: 'cases and sequences with EAGAIN, EINTR, short reads and writes injected',
  async measure() {
    const result = await resultOf(['__test__/faults.sh'], 30)
    const [cases, differing] = [numberOf(result, 'cases'), numberOf(result, 'differing')]
    if (cases === 0) throw new Error('no case was run')
    return [exactly(`of ${cases} cases under faults, differing`, differing, 0)]
  },
}

/** `__test__/sanitizers/*.sh`: AddressSanitizer under Node, ThreadSanitizer and valgrind. */
export const sanitizers: Row = {
  name: 'sanitizers',
  title: 'findings of AddressSanitizer, ThreadSanitizer and valgrind',
  async measure() {
    const figures: Figure[] = []
    for (const name of SANITIZERS) {
      try {
        const result = await resultOf([`__test__/sanitizers/${name}.sh`], 60)
        figures.push(exactly(`findings of ${name}`, numberOf(result, 'findings'), 0))
      } catch (error) {
        const value = (error as Error).message
        figures.push({ what: `findings of ${name}`, value, limit: '0', passed: false })
      }
    }
    return figures
  },
}
