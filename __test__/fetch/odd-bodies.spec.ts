import test from 'ava'
import { bytes, light } from './light.ts'
import { serve } from './served.ts'

/** A stream that is not the platform's; its reader gives these results, and throws what is an error. */
function foreign(...results: unknown[]): object {
  const read = (): unknown => {
    const result = results.shift()
    if (result instanceof Error) throw result
    return result
  }
  return { getReader: () => ({ read }) }
}

/** A stream of these chunks; the first one is detached before the chunk of this number is given. */
function detached(before: number, ...chunks: Uint8Array[]): ReadableStream {
  let at = 0
  return new ReadableStream(
    {
      pull(controller) {
        const chunk = chunks[at]
        if (chunk === undefined) controller.close()
        else controller.enqueue(chunk)
        if (++at !== before) return
        const { buffer } = chunks[0]!
        structuredClone(buffer, { transfer: [buffer as ArrayBuffer] })
      },
    },
    { highWaterMark: 0 },
  )
}

const some = (): Promise<unknown> => Promise.resolve({ done: false, value: bytes('x') })

/** Bodies that cannot be sent, which is seen before anything of them was, and what is told. */
const WRONG: [what: string, body: () => object, told: RegExp][] = [
  ['a reader that gives nothing', () => foreign(Promise.resolve(undefined)), /TypeError/],
  ['a reader that gives nothing later', () => foreign(some(), Promise.resolve(null)), /TypeError/],
  ['a reader that throws', () => foreign(new Error('broken')), /broken/],
  ['a reader that throws later', () => foreign(some(), new Error('broken')), /broken/],
  ['a reader that gives no promise', () => foreign(7), /TypeError/],
  ['a reader that gives no promise later', () => foreign(some(), 7), /TypeError/],
  ['no reader', () => ({ getReader: () => null }), /TypeError/],
  ['a chunk that is detached', () => detached(1, bytes('a')), /detached/],
  ['a chunk that is detached, and one more', () => detached(1, bytes('a'), bytes('b')), /detached/],
  ['a chunk that is detached later', () => detached(2, bytes('a'), bytes('b')), /detached/],
  ['a chunk that is detached at the end', () => detached(3, bytes('a'), bytes('b')), /detached/],
]

for (const [what, body, told] of WRONG) {
  test(`a body that cannot be sent is 500, and told once: ${what}`, async (t) => {
    const { connect, errors } = await serve(t, () => light({ body: body() }))
    const client = await connect()
    for (let count = 1; count < 3; count++) {
      t.is((await client.get('/')).status, 500)
      t.is(errors.length, count)
      t.regex(String(errors[count - 1]), told)
    }
  })
}
