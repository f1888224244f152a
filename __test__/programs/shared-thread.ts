// Says whether a server without threads serves here, or why not; and that the process goes on after that.
import type { AddressInfo } from 'node:net'
import { createServer } from '../../ts/index.ts'

/** How a server with so many threads answers, or why there is none. */
async function outcome(ioThreads: number): Promise<string> {
  try {
    const server = createServer(() => 'ok', { ioThreads })
    await server.listen(0, '127.0.0.1')
    const { port } = server.address() as AddressInfo
    const answer = await fetch(`http://127.0.0.1:${port}/`)
    const text = await answer.text()
    await server.close({ timeout: 100 })
    return text
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return `${code}: ${message}`
  }
}

console.log(await outcome(0))
console.log(await outcome(1))
