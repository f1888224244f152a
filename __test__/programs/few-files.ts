import { closeSync, openSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createServer, file } from '../../ts/index.ts'

// Serves itself; '/exhaust' takes every descriptor, '/release' gives them back.
const path = fileURLToPath(import.meta.url)
const held: number[] = []
const server = createServer(
  (req) => {
    if (req.path === '/file') return file(path)
    if (req.path === '/release') {
      for (const fd of held.splice(0)) closeSync(fd)
      return 'released'
    }
    try {
      for (;;) held.push(openSync(path, 'r'))
    } catch {
      return 'exhausted'
    }
  },
  {
    onError: (error) => {
      const { code, syscall } = error as NodeJS.ErrnoException
      console.log(`${code} ${syscall}`)
    },
  },
)
await server.listen(0, '127.0.0.1')
console.log((server.address() as AddressInfo).port)
