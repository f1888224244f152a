import test from 'ava'
import * as fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { chmodSync, symlinkSync } from 'node:fs'
import { createServer as createNetServer } from 'node:net'
import { join } from 'node:path'
import { until } from '../support/deadline.ts'
import { get } from '../support/client.ts'
import { ask, serveFrom, site } from '../support/site.ts'

const isRoot = process.getuid?.() === 0
const onUnix = process.platform === 'win32' ? test.skip : test
const seriallyOnUnix = process.platform === 'win32' ? test.skip : test.serial

onUnix('no path leads out of the folder, however it is written', async (t) => {
  const root = site(t, {
    'in.txt': 'in',
    'sub/in.txt': 'sub',
    'a b': 'blank',
    'ä.txt': 'umlaut',
    '50%.txt': 'percent',
    '%2e%2e': 'dots',
    '..x': 'two',
    'x..': 'two more',
    'back\\slash': 'no',
  })
  const served: [target: string, body: string][] = [
    ['in.txt', 'in'],
    ['%69n.txt', 'in'],
    ['sub/in.txt', 'sub'],
    ['a%20b', 'blank'],
    ['%C3%A4.txt', 'umlaut'],
    ['%c3%a4.txt', 'umlaut'],
    ['50%25.txt', 'percent'],
    ['%252e%252e', 'dots'],
    ['x..', 'two more'],
  ]
  const refused = [
    '../outside',
    '../root/in.txt',
    'sub/../in.txt',
    'sub/../../outside',
    './in.txt',
    'sub/./in.txt',
    '..',
    '.',
    'sub/..',
    '%2e%2e/outside',
    '%2E%2E/outside',
    '.%2e/outside',
    '%2e./outside',
    '..%2foutside',
    '..%2Foutside',
    '%2e%2e%2foutside',
    '%2e%2e%2Foutside',
    '%252e%252e/outside',
    '%252e%252e%252foutside',
    '..%252foutside',
    '%25252e%25252e/outside',
    '..\\outside',
    '..%5coutside',
    '..%5Coutside',
    'sub\\in.txt',
    'sub%5Cin.txt',
    'back%5Cslash',
    'back\\slash',
    '/in.txt',
    '//in.txt',
    'sub//in.txt',
    '/etc/passwd',
    '%2fetc%2fpasswd',
    'sub%2fin.txt',
    '%00',
    'in.txt%00',
    'in.txt%00.html',
    '%00/../outside',
    'in.txt%2500',
    'in.txt/',
    'in.txt/x',
    'in.txt%2f',
    '%',
    '%2',
    '%zz',
    'in.txt%',
    '%ff',
    '%c0%ae%c0%ae/outside',
    '%c0%af',
    '%u002e%u002e/outside',
    '..;/outside',
    '...',
    '.../...//outside',
    '....//outside',
    '~',
    'x'.repeat(300),
    `${'x/'.repeat(2000)}x`,
  ]
  for (const dotfiles of ['ignore', 'allow'] as const) {
    const { connect, errors } = await serveFrom(t, root, { dotfiles })
    const client = await connect()
    for (const [target, body] of served) {
      const answer = await ask(client, `/static/${target}`)
      t.deepEqual([answer.status, answer.text], [200, body], target)
    }
    for (const target of refused) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await ask(client, `/static/${target}`, method)
        t.is(answer.status, 404, `${method} ${target}`)
        t.false(answer.text.includes('OUTSIDE'))
      }
    }
    t.is((await ask(client, '/static/..x')).status, dotfiles === 'allow' ? 200 : 404)
    t.deepEqual(errors, [])
  }
})

onUnix('links lead to places below the folder only, and only regular files are sent', async (t) => {
  const root = site(t, { 'in.txt': 'in', 'sub/in.txt': 'sub', secret: 'x' })
  const links: [name: string, target: string][] = [
    ['link', 'in.txt'],
    ['sub/up', '../in.txt'],
    ['folder', 'sub'],
    ['out', '../outside'],
    ['parent', '..'],
    ['passwd', '/etc/passwd'],
    ['etc', '/etc'],
    ['absolute', join(root, 'in.txt')],
    ['loop', 'loop'],
    ['ping', 'pong'],
    ['pong', 'ping'],
    ['gone', 'missing'],
    ['null', '/dev/null'],
    ['proc', '/proc/self'],
  ]
  for (const [name, target] of links) symlinkSync(target, join(root, name))
  execFileSync('mkfifo', [join(root, 'fifo')])
  const socket = createNetServer().listen(join(root, 'socket'))
  t.teardown(() => socket.close())
  await until('listen', () => socket.listening)
  chmodSync(join(root, 'secret'), 0)
  if (isRoot && process.platform === 'linux') {
    execFileSync('mknod', [join(root, 'zero'), 'c', '1', '5'])
  }
  const rows: [path: string, status: number][] = [
    ['link', 200],
    ['sub/up', 200],
    ['folder/in.txt', 200],
    ['out', 404],
    ['parent/outside', 404],
    ['parent/root/in.txt', 404],
    ['passwd', 404],
    ['etc/passwd', 404],
    ['absolute', 404],
    ['loop', 404],
    ['loop/x', 404],
    ['ping', 404],
    ['gone', 404],
    ['null', 404],
    ['proc/environ', 404],
    ['proc/root/etc/passwd', 404],
    ['fifo', 404],
    ['socket', 404],
    ['zero', 404],
    ['sub', 404],
    ['sub/', 404],
    ['secret', isRoot ? 200 : 403],
  ]
  const { connect, errors } = await serveFrom(t, root)
  const client = await connect()
  for (let round = 0; round < 2; round++) {
    for (const [path, status] of rows) {
      t.is((await client.get(`/static/${path}`)).status, status, path)
    }
  }
  t.deepEqual(errors, [])
})

seriallyOnUnix('a folder that may be entered but not read is served', async (t) => {
  const root = site(t, { 'sub/index.html': 'sub', 'none/a.txt': 'a', 'shut/index.html': 'shut' })
  chmodSync(join(root, '..'), 0o755)
  chmodSync(join(root, 'sub'), 0o711)
  chmodSync(join(root, 'none'), 0o111)
  chmodSync(join(root, 'shut'), 0)
  const { connect } = await serveFrom(t, root)
  const client = await connect()
  // To root everything may be read.
  if (isRoot) process.seteuid?.(65_534)
  try {
    for (const [path, status] of [
      ['sub', 301],
      ['sub/', 200],
      ['none', 404],
      ['none/a.txt', 200],
      ['shut', 403],
      ['shut/', 403],
    ] as const) {
      t.is((await client.get(`/static/${path}`)).status, status, path)
    }
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
})

onUnix('thousands of random paths see nothing of the outside, nor another host', async (t) => {
  const root = site(t, { 'in.txt': 'in', 'sub/index.html': 'sub', 'outside/index.html': 'in' })
  symlinkSync('..', join(root, 'up'))
  symlinkSync('sub', join(root, 'link'))
  const { connect, errors } = await serveFrom(t, root, { dotfiles: 'allow' })
  const pieces =
    '.. . %2e %2E %2f %5c \\ / / / // %00 %25 %252e %252f ; : ? in.txt sub link up outside root %'
  const path = fc
    .array(fc.constantFrom(...pieces.split(' ')), { maxLength: 9 })
    .map((all) => `/static/${all.join('')}`)
  const client = await connect()
  const statuses = new Set<number>()
  for (let round = 0; round < 250; round++) {
    const paths = fc.sample(path, 16)
    client.send(paths.map((one) => get(one)).join(''))
    for (const one of paths) {
      const answer = await client.reply()
      statuses.add(answer.status)
      t.false(answer.text.includes('OUTSIDE'), one)
      const location = answer.header('location')
      if (location === undefined) continue
      t.is(new URL(location, `http://a.test${one}`).host, 'a.test', `${one} -> ${location}`)
    }
  }
  t.deepEqual([...statuses].toSorted(), [200, 301, 404])
  t.deepEqual(errors, [])
})
