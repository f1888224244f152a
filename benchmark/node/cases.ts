import { HELLO, LARGE } from '../support/answers.ts'
import { ECHOED, GET, request, UPLOADED } from '../support/requests.ts'
import type { Case } from '../wire/case.ts'
import { loadCase } from '../wire/load.ts'

/** A case of every application. */
export function greeting(connections: number): Case {
  const title = `${connections} connection${connections === 1 ? '' : 's'}, 7 fields`
  return loadCase({ name: `c${connections}`, title, connections, request: GET, body: HELLO })
}

/** Cases of handlers alone. */
export const raw: readonly Case[] = [
  loadCase({
    name: 'echo',
    title: '64 connections, POST of 10 KiB, echoed',
    connections: 64,
    request: request('POST /echo HTTP/1.1', ECHOED),
    body: ECHOED,
  }),
  loadCase({
    name: 'upload',
    title: '8 connections, POST of 100 KiB, read as it comes',
    connections: 8,
    request: request('POST /upload HTTP/1.1', UPLOADED),
    body: String(UPLOADED.length),
  }),
  loadCase({
    name: 'stream',
    title: '64 connections, a stream of 64 KiB',
    connections: 64,
    request: request('GET /stream HTTP/1.1'),
    body: LARGE.subarray(0, 16 << 10)
      .toString('latin1')
      .repeat(4),
  }),
]
