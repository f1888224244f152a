import http from 'node:http'
import { createServer } from '../../ts/node/index.ts'
import { hasThreads } from './shared-thread.ts'

/** Makes a server of node's kind. */
export type Make = (listener: http.RequestListener) => http.Server

/** A server whose behaviour is compared with that of others. */
export interface Door {
  readonly name: string
  readonly make: Make
  /** Whether the bytes are written on JavaScript's own thread. */
  readonly writesHere: boolean
}

const ours =
  (ioThreads: number): Make =>
  (listener) =>
    createServer({ ioThreads }, listener)

/** Node's own server, and ours without threads and with one. */
export const DOORS: readonly Door[] = [
  { name: 'stock', make: (listener) => http.createServer(listener), writesHere: true },
  { name: 'ours, without threads', make: ours(0), writesHere: true },
  { name: 'ours, with a thread', make: ours(1), writesHere: !hasThreads },
]
