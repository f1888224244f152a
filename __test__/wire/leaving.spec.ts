import test, { type ExecutionContext } from 'ava'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerOptions } from '../../ts/index.ts'
import { answering, FILE, type Kind, KINDS, TAKEN } from '../support/answers.ts'
import { type Client } from '../support/client.ts'
import { gate, until } from '../support/deadline.ts'
import { descriptors, folder, sparse } from '../support/folder.ts'
import { type Service, serve } from '../support/service.ts'
import type { Course } from '../support/sources.ts'

// Clients that leave at each point of each kind of answer: its source is told once, nothing is left
// of the connection, nobody else notices, and onError, whom it does not concern, hears nothing.

const ROUNDS = 6

interface Scene extends Service {
  readonly course: Course
  readonly witness: Client
}

async function scene(
  t: ExecutionContext,
  kind: Kind,
  isCold = false,
  options: ServerOptions = {},
): Promise<Scene> {
  const path = join(folder(t), 'f')
  if (isCold) writeFileSync(path, Buffer.alloc(FILE, 'f'))
  else sparse(path, FILE)
  const course: Course = { path, finish: gate().promise, arrived: 0, made: 0, told: 0 }
  const service = await serve(t, answering(kind, course), { ...kind.options, ...options })
  const witness = await service.connect()
  await witness.get('/witness')
  return { ...service, course, witness }
}

/** Waits until nothing is left of all clients but the witness, and checks that. */
async function settled(
  t: ExecutionContext,
  stage: Scene,
  kind: Kind,
  before: number,
): Promise<void> {
  const { server, course, witness, errors } = stage
  await until('one connection', () => server.stats().connections.open === 1)
  if (kind.isLate !== true) await until('the beginning', () => course.made === course.arrived)
  await until(`the end of ${course.made}`, () => course.told >= (kind.tells ? course.made : 0))
  await until('descriptors', () => descriptors() <= before)
  for (let i = 0; i < 3; i++) t.is((await witness.get('/witness')).text, 'ok')
  t.is(course.told, kind.tells ? course.made : 0)
  t.deepEqual(errors, [])
  // A thread says so behind the answers that it has written.
  await until('an empty queue', () => server.stats().queue.depth === 0)
}

/** Goes to the point of the path and leaves there. */
async function leave(stage: Scene, kind: Kind, path: string, how: 'FIN' | 'RST'): Promise<void> {
  const client = await stage.connect()
  const { arrived, made } = stage.course
  client.send(kind.request(path))
  if (path === '/before') await until('handler', () => stage.course.arrived > arrived)
  if (path === '/head' || path === '/body') {
    await until('answer', () => stage.course.made > made)
    await kind.reach(client, path)
  }
  if (how === 'RST') return client.reset()
  client.finish()
  client.socket.resume()
  if (kind.outlivesFin && path === '/body') await kind.whole(client)
  // What still comes, comes; then the server closes as well.
  await client.gone()
}

for (const kind of [...KINDS, TAKEN]) {
  for (const path of ['/once', '/before', '/head', '/body']) {
    for (const how of ['FIN', 'RST'] as const) {
      test.serial(`${kind.name}: a client leaves by ${how} at ${path}`, async (t) => {
        const stage = await scene(t, kind)
        await leave(stage, kind, path, how)
        await until('one connection', () => stage.server.stats().connections.open === 1)
        const before = descriptors()
        for (let i = 0; i < ROUNDS; i++) await leave(stage, kind, path, how)
        await settled(t, stage, kind, before)
      })
    }
  }
}

for (const kind of KINDS.filter(({ request }) => request('/').startsWith('GET'))) {
  for (const how of ['FIN', 'RST'] as const) {
    test.serial(`${kind.name}: a client leaves by ${how} with more of them behind`, async (t) => {
      const stage = await scene(t, kind)
      const before = descriptors()
      for (let i = 0; i < ROUNDS; i++) {
        const client = await stage.connect()
        const { arrived } = stage.course
        client.send(kind.request('/body').repeat(3))
        await until('handlers', () => stage.course.arrived === arrived + 3)
        await kind.reach(client, '/body')
        if (how === 'RST') client.reset()
        else {
          client.finish().socket.resume()
          await client.gone()
        }
      }
      await settled(t, stage, kind, before)
    })
  }
}

for (const kind of [...KINDS, TAKEN]) {
  test.serial(`${kind.name}: it comes when the server has answered 503 in its place`, async (t) => {
    const stage = await scene(t, kind, false, { handlerTimeout: 50 })
    const before = descriptors()
    for (let i = 0; i < ROUNDS; i++) {
      const client = await stage.connect()
      t.is((await client.send(kind.request('/before')).reply()).status, 503)
      await client.gone()
    }
    await settled(t, stage, kind, before)
  })
}

for (const how of ['FIN', 'RST'] as const) {
  test.serial(`a file out of memory: clients leave by ${how} while the helper reads`, async (t) => {
    const kind = KINDS[0] as Kind
    const stage = await scene(t, kind, true)
    const { path } = stage.course
    await leave(stage, kind, '/head', how)
    await until('one connection', () => stage.server.stats().connections.open === 1)
    const before = descriptors()
    for (let i = 0; i < ROUNDS; i++) {
      execFileSync('sync', [path])
      // Where the file system lets it go; elsewhere it is as warm as the others.
      if (process.platform === 'linux')
        execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'])
      await leave(stage, kind, i % 2 === 0 ? '/once' : '/head', how)
    }
    await settled(t, stage, kind, before)
  })
}
