// Sends many requests, counts answers of equal length, and tells its parent how far it is.
import { Client } from '../support/client.ts'
import type { Flood } from '../support/flood.ts'

const TELL = 2000
/** Milliseconds after which a slow flood tells all the same. */
const PULSE = 500

process.once('message', (options: Flood) => void run(options))

async function run({ port, requests, connections, pipelined, request }: Flood): Promise<void> {
  const length = await answerLength(port, request)
  const share = Math.floor(requests / connections)
  let [answered, told] = [0, 0]
  const tell = (): void => {
    if (told !== answered) process.send?.(answered)
    told = answered
  }
  const count = (more: number): void => {
    answered += more
    if (answered - told >= TELL || answered >= requests) tell()
  }
  const pulse = setInterval(tell, PULSE)
  const first = requests - share * (connections - 1)
  await Promise.all(
    Array.from({ length: connections }, (_, i) =>
      one(port, i === 0 ? first : share, pipelined, Buffer.from(request, 'latin1'), length, count),
    ),
  )
  clearInterval(pulse)
}

/** The length of an answer, out of the first one. */
async function answerLength(port: number, request: string): Promise<number> {
  const { socket } = await Client.connect(port)
  let head = ''
  socket.write(request, 'latin1')
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    head += chunk.toString('latin1')
    const end = head.indexOf('\r\n\r\n') + 4
    if (end < 4) continue
    socket.destroy()
    if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`not 200: ${head.slice(0, 100)}`)
    return end + Number(/^content-length: (\d+)/im.exec(head)?.[1])
  }
  throw new Error('no answer')
}

function one(
  port: number,
  requests: number,
  pipelined: number,
  request: Buffer,
  length: number,
  count: (more: number) => void,
): Promise<void> {
  const block = Buffer.concat(Array.from({ length: pipelined }, () => request))
  return Client.connect(port).then(
    ({ socket }) =>
      new Promise<void>((resolve, reject) => {
        let [left, due, rest] = [requests, 0, 0]
        const send = (): void => {
          due = Math.min(pipelined, left)
          left -= due
          socket.write(due === pipelined ? block : block.subarray(0, due * request.length))
        }
        socket.removeAllListeners('data')
        socket.on('data', (chunk: Buffer) => {
          rest += chunk.length
          const answers = Math.floor(rest / length)
          rest -= answers * length
          due -= answers
          if (due < 0) reject(new Error('more answers than requests'))
          if (answers > 0) count(answers)
          if (due > 0) return
          if (left > 0) send()
          else resolve(void socket.destroy())
        })
        socket.on('close', () => reject(new Error(`closed with ${left + due} answers due`)))
        send()
      }),
  )
}
