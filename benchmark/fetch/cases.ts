import { HELLO, LARGE } from '../support/answers.ts'
import { ECHOED, GET, request, UPLOADED } from '../support/requests.ts'
import type { Case } from '../wire/case.ts'
import { loadCase } from '../wire/load.ts'

const connections = 64

/** A case of each application; its name is the application's. */
export const cases: readonly Case[] = [
  { name: 'hello', title: 'a text', request: GET, body: HELLO },
  {
    name: 'json',
    title: 'JSON',
    request: GET,
    body: JSON.stringify({ message: HELLO, items: [1, 2, 3] }),
  },
  { name: 'headers', title: '8 fields read', request: GET, body: HELLO },
  {
    name: 'echo',
    title: 'POST of 10 KiB, echoed',
    request: request('POST / HTTP/1.1', ECHOED),
    body: ECHOED,
  },
  {
    name: 'upload',
    title: 'POST of 100 KiB, read as it comes',
    request: request('POST / HTTP/1.1', UPLOADED),
    body: String(UPLOADED.length),
  },
  { name: 'stream', title: 'a stream of 64 KiB', request: GET, body: LARGE.toString('latin1') },
  { name: 'hono', title: 'Hono', request: GET, body: HELLO },
  { name: 'untouched', title: 'a request that nobody looks at', request: GET, body: HELLO },
].map((one) => loadCase({ ...one, connections }))
