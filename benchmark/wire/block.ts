// What a slow handler does to the answers that are ready. 64 requests meet a handler that occupies the
// JavaScript thread for 1 ms: an answer that waits for the batch it came with would leave after 64 ms.

import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { HELLO } from '../support/answers.ts'
import type { Case, Sample } from './case.ts'
import { isStopped } from '../support/cpu.ts'
import { connect, receive } from '../support/exchange.ts'
import { median } from '../support/median.ts'
import type { RunningServer } from '../support/server.ts'

const CONNECTIONS = 64
const ROUNDS = 20
const request = Buffer.from('GET /block HTTP/1.1\r\nHost: localhost\r\n\r\n')

/** The first and the last of 64 answers behind a handler that blocks, in milliseconds. */
export const blockCase: Case = {
  name: 'block',
  title:
    '64 connections, a handler that blocks 1 ms: the first answer, from its request\n' +
    '(burst: the client sends one after the other; at once: the server finds all 64 there)',
  request,
  body: HELLO,
  columns: [
    { key: 'burst', title: 'burst, first ms', digits: 2 },
    { key: 'burstWorst', title: 'worst', digits: 2 },
    { key: 'atOnce', title: 'at once, first ms', digits: 2, compared: 'first' },
    { key: 'atOnceWorst', title: 'worst', digits: 2 },
    { key: 'last', title: 'last ms', digits: 1, compared: 'last' },
  ],
  // Its constant answer blocks nothing.
  without: ['limit'],
  measure,
}

interface Round {
  readonly first: number
  readonly last: number
}

async function measure(server: RunningServer): Promise<Sample> {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(server.port)))
  await burst(sockets)
  const bursts: Round[] = []
  const atOnce: Round[] = []
  for (let round = 0; round < ROUNDS; round++) {
    bursts.push(await burst(sockets))
    atOnce.push(await allAtOnce(sockets, server.pid))
  }
  sockets.forEach((socket) => socket.destroy())
  const firstOf = (rounds: Round[]): number[] => rounds.map(({ first }) => first)
  return {
    burst: median(firstOf(bursts)),
    burstWorst: Math.max(...firstOf(bursts)),
    atOnce: median(firstOf(atOnce)),
    atOnceWorst: Math.max(...firstOf(atOnce)),
    last: median(atOnce.map(({ last }) => last)),
  }
}

async function burst(sockets: readonly Socket[]): Promise<Round> {
  const answers = sockets.map(async (socket) => {
    const answer = receive(socket)
    const sent = performance.now()
    socket.write(request)
    await answer
    return performance.now() - sent
  })
  return { first: await Promise.race(answers), last: Math.max(...(await Promise.all(answers))) }
}

/** Holds the server while the requests are sent, so that they reach it as one batch, and times from its release. */
async function allAtOnce(sockets: readonly Socket[], pid: number): Promise<Round> {
  process.kill(pid, 'SIGSTOP')
  while (!isStopped(pid)) await nextTurn()
  const answers = sockets.map((socket) => receive(socket))
  sockets.forEach((socket) => socket.write(request))
  await nextTurn()
  const released = performance.now()
  process.kill(pid, 'SIGCONT')
  await Promise.race(answers)
  const first = performance.now() - released
  await Promise.all(answers)
  return { first, last: performance.now() - released }
}
