import { connect, type Socket } from 'node:net'
import { get } from './client.ts'

/** Connections that send without end, and take whatever comes, also their own death. */
export function load(port: number, connections: number, onAnswer: () => void): Socket[] {
  const block = Buffer.from(get('/').repeat(8) + get('/late').repeat(4) + get('/large'), 'latin1')
  return Array.from({ length: connections }, () => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => undefined)
    socket.on('connect', () => socket.write(block))
    socket.on('data', () => {
      if (!socket.destroyed && socket.writableLength < block.length) socket.write(block)
      onAnswer()
    })
    return socket
  })
}
