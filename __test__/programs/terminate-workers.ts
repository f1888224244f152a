// Ends worker threads whose servers are under load, one after the other, in several lanes.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { within } from '../support/deadline.ts'
import { load } from '../support/load.ts'

const rounds = Number(process.argv[2])
const file = new URL('./server-worker.js', import.meta.url)

async function round(number: number): Promise<void> {
  const after = (number * 7) % 60
  const endsItself = number % 4 === 3
  const worker = new Worker(file, { workerData: { exitAfter: endsItself ? after + 1 : -1 } })
  const exit = once(worker, 'exit')
  const [port] = (await within('listen', once(worker, 'message'))) as [number]
  await new Promise<void>((resolve) => {
    let count = 0
    const sockets = load(port, 3, () => {
      if (++count > after) resolve()
    })
    void exit.then(() => {
      for (const socket of sockets) socket.destroy()
      resolve()
    })
    if (after === 0) resolve()
  })
  if (!endsItself) await within(`terminate ${number}`, worker.terminate())
  await within(`exit ${number}`, exit)
}

async function lane(first: number): Promise<void> {
  for (let number = first; number < rounds; number += 2) {
    await round(number)
    console.log(`round ${number}`)
  }
}

await Promise.all([lane(0), lane(1)])
console.log(`${rounds} rounds`)
