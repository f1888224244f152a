import type { ExecutionContext } from 'ava'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Client, type Target } from './client.ts'
import { within } from './deadline.ts'

/** Ports that no kernel gives to who asks for any, nor to a client: those of Linux begin at 32768. */
const [LEAST, MOST] = [20_000, 32_000]

/**
 * A port of an address that is free, and that nobody gets who does not ask for it: one that the kernel has given
 * and taken back may be the next client's.
 */
export async function freePort(host: string): Promise<number> {
  for (;;) {
    const port = LEAST + Math.floor(Math.random() * (MOST - LEAST))
    const net = createServer()
    try {
      net.listen(port, host)
      await once(net, 'listening')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue
      throw error
    }
    net.close()
    await once(net, 'close')
    return port
  }
}

/** Whether a server that says this can be reached there. */
export async function answers(
  t: ExecutionContext,
  target: Target,
  text: string = 'ok',
): Promise<boolean> {
  try {
    const client = await Client.connect(target)
    t.teardown(() => void client.socket.destroy())
    return (await client.get('/')).text === text
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
        const { code } = error as NodeJS.ErrnoException
        if (code === 'ECONNREFUSED') return
        // The kernel had accepted it, and the listener went with it.
        if (code !== 'ECONNRESET') throw error
      }
    }
  }
  return within('refusal', refusal())
}
