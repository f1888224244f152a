import type { ExecutionContext } from 'ava'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Client, type Target } from './client.ts'
import { within } from './deadline.ts'

/** A free port of an address: one that the kernel has just given to somebody else. */
export async function freePort(host: string): Promise<number> {
  const net = createServer().listen(0, host)
  await once(net, 'listening')
  const { port } = net.address() as AddressInfo
  net.close()
  await once(net, 'close')
  return port
}

/** Whether a server that says 'ok' can be reached there. */
export async function answers(t: ExecutionContext, target: Target): Promise<boolean> {
  try {
    const client = await Client.connect(target)
    t.teardown(() => void client.socket.destroy())
    return (await client.get('/')).text === 'ok'
  } catch {
    return false
  }
}

/** Waits until nobody is let in: an I/O thread closes its listener when it comes to that. */
export function refused(port: number): Promise<void> {
  const refusal = async (): Promise<void> => {
    for (;;) {
      try {
        const { socket } = await Client.connect(port)
        socket.on('error', () => undefined).destroy()
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return
        throw error
      }
    }
  }
  return within('refusal', refusal())
}
