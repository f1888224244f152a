// Listens on a port and on the path of its first argument, and says how each went: what was answered, or the error. Ends
// by itself if nothing is left that listens.

import { request, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const places = [{ port: 0 }, { path: process.argv[2] }]
const told = await Promise.all(
  places.map(
    (place) =>
      new Promise<string>((resolve) => {
        const server = createServer((_req, res) => res.end())
        const failed = ({ code }: NodeJS.ErrnoException): void => resolve(String(code))
        server.on('error', failed)
        try {
          server.listen(place, () => {
            const address = server.address() as AddressInfo | string
            const at = typeof address === 'string' ? { socketPath: address } : address
            const { port, socketPath } = at as { port?: number; socketPath?: string }
            const req = request({
              ...(port === undefined ? { socketPath } : { port }),
              agent: false,
            })
            req.on('response', (res) => {
              resolve(String(res.resume().statusCode))
              server.close()
            })
            req.on('error', failed).end()
          })
        } catch (error) {
          resolve(`thrown ${(error as NodeJS.ErrnoException).code}`)
        }
      }),
  ),
)
console.log(told.join(', '))
