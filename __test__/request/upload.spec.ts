import test from 'ava'
import { once } from 'node:events'
import { Client } from '../support/client.ts'
import { start } from '../support/program.ts'

const CLIENTS = 64
const BYTES = 20 << 20
const LIMIT = 32 << 20

/** Sends a body of zeros as fast as it is taken. */
async function upload(port: number, size: number): Promise<string> {
  const client = await Client.connect(port)
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
  const piece = Buffer.alloc(64 << 10)
  for (let left = size; left > 0; left -= piece.length) {
    const isTaken = client.socket.write(piece.subarray(0, Math.min(left, piece.length)))
    if (!isTaken) await once(client.socket, 'drain')
  }
  const { text } = await client.reply()
  client.socket.destroy()
  return text
}

test(`${CLIENTS} uploads of ${BYTES >> 20} MiB at once take less than ${LIMIT >> 20} MiB of memory`, async (t) => {
  t.timeout(540_000)
  const program = start(t, 'upload-server')
  const port = Number(await program.line())
  // What a first upload loads and compiles is no growth.
  await Promise.all(Array.from({ length: CLIENTS }, () => upload(port, 256 << 10)))
  program.say('begin')
  await program.line()
  const all = Array.from({ length: CLIENTS }, () => upload(port, BYTES))
  for (const length of await Promise.all(all)) t.is(length, String(BYTES))
  program.say('end')
  const growth = Number(await program.line())
  t.log(`${(growth / (1 << 20)).toFixed(1)} MiB`)
  t.true(growth < LIMIT, `${growth} bytes`)
  t.is((await program.ended()).code, 0)
})
