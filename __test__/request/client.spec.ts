import test from 'ava'
import { array, constantFrom, integer, nat, oneof, sample, tuple } from 'fast-check'
import type { IncomingMessage } from 'node:http'
import proxyAddr from 'proxy-addr'
import {
  createServer,
  decodeRequest,
  type HttpRequest,
  json,
  type ServerOptions,
} from '../../ts/index.ts'
import { REQUEST } from '../../ts/crossing/layout.ts'
import { clientOf } from '../../ts/request/client.ts'
import { addressOf, elementsOf, hopOf, quotedElementsOf } from '../../ts/request/forwarded.ts'
import { recordOf } from '../../ts/request/friends.ts'
import { type AddressWords, wordsOf } from '../../ts/request/networks.ts'
import { remoteOf } from '../../ts/request/record.ts'
import { checkTrust, type Trust } from '../../ts/request/trust.ts'
import { type Client, get } from '../support/client.ts'
import { scaled } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

/** What a handler sees. */
type Seen = Pick<HttpRequest, 'ip' | 'ips' | 'protocol' | 'host'>

const seen = ({ ip, ips, protocol, host }: HttpRequest): Seen => ({ ip, ips, protocol, host })

async function ask(client: Client, fields: string, target = '/'): Promise<Seen> {
  return JSON.parse((await client.get(target, fields)).body.toString()) as Seen
}

function decoded(fields: string): HttpRequest {
  return decodeRequest(Buffer.from(get('/', fields))) as HttpRequest
}

/** `X-Forwarded-*` fields of one request. */
const xff = (addresses: string, ...more: string[]): string =>
  [`X-Forwarded-For: ${addresses}`, ...more].join('\r\n') + '\r\n'
const XFP = (values: string): string => `X-Forwarded-Proto: ${values}`
const XFH = (values: string): string => `X-Forwarded-Host: ${values}`

const OWN = { ip: '127.0.0.1', ips: [], protocol: 'http', host: 'a.test' } as const
const { ips: _none, ...OWN_REST } = OWN
const LOCAL: ServerOptions = { trustProxy: ['loopback'] }
const CHAIN: ServerOptions = { trustProxy: ['loopback', 'uniquelocal'] }
const FORWARDED: ServerOptions = { ...CHAIN, forwardedHeader: 'forwarded' }

type Case = [name: string, options: ServerOptions, fields: string, expected: Partial<Seen>]

const CASES: Case[] = [
  ['nobody is believed', {}, xff('1.1.1.1', XFP('https'), XFH('b.test')), {}],
  [
    'a peer that is not listed',
    { trustProxy: ['10.0.0.0/8'] },
    xff('1.1.1.1', XFP('https'), XFH('b.test')),
    {},
  ],
  [
    'a peer that is listed',
    LOCAL,
    xff('1.1.1.1', XFP('https'), XFH('b.test')),
    { ip: '1.1.1.1', ips: ['1.1.1.1'], protocol: 'https', host: 'b.test' },
  ],
  ['a peer that says nothing', LOCAL, '', {}],
  [
    'an address that the client wrote',
    LOCAL,
    xff('9.9.9.9, 1.1.1.1'),
    { ip: '1.1.1.1', ips: ['1.1.1.1'] },
  ],
  [
    'two proxies',
    CHAIN,
    xff('9.9.9.9, 1.1.1.1, 10.0.0.1'),
    { ip: '1.1.1.1', ips: ['1.1.1.1', '10.0.0.1'] },
  ],
  [
    'two field lines',
    CHAIN,
    xff('9.9.9.9, 1.1.1.1', 'X-Forwarded-For: 10.0.0.1'),
    { ip: '1.1.1.1', ips: ['1.1.1.1', '10.0.0.1'] },
  ],
  [
    'proxies alone',
    CHAIN,
    xff('10.0.0.2, 10.0.0.1'),
    { ip: '10.0.0.2', ips: ['10.0.0.2', '10.0.0.1'] },
  ],
  ['IPv4 in IPv6 is IPv4', CHAIN, xff('1.1.1.1, ::ffff:10.0.0.1'), { ip: '1.1.1.1' }],
  ['the same in hexadecimal', CHAIN, xff('1.1.1.1, ::ffff:a00:1'), { ip: '1.1.1.1' }],
  [
    'ports and brackets',
    CHAIN,
    xff('[2001:db8::1]:443, 10.0.0.1:80, [fd00::1]'),
    { ip: '2001:db8::1', ips: ['2001:db8::1', '10.0.0.1', 'fd00::1'] },
  ],
  [
    'hops',
    { trustProxy: { hops: 2 } },
    xff('9.9.9.9, 8.8.8.8, 1.1.1.1'),
    { ip: '8.8.8.8', ips: ['8.8.8.8', '1.1.1.1'] },
  ],
  [
    'a function',
    { trustProxy: (address, hop) => hop === 0 && address === '127.0.0.1' },
    xff('9.9.9.9, 1.1.1.1'),
    { ip: '1.1.1.1' },
  ],
  [
    'a function that returns a promise',
    { trustProxy: (async () => true) as never },
    xff('1.1.1.1'),
    {},
  ],
  // What is no address ends the chain, and the last valid one is the client.
  ...[
    'unknown',
    '_hidden',
    'garbage',
    '256.1.1.1',
    '1.1.1',
    '1.1.1.1:x',
    '1.1.1.1:',
    '1.1.1.1 2.2.2.2',
    'fe80::1%eth0',
    '[fe80::1%1]',
    '[1.1.1.1]',
    '[::1',
    '::1]',
    '[::1]x',
    '1.1.1.1/8',
    '"1.1.1.1"',
    '0x1.1.1.1',
    '01.1.1.1',
    '1.1.1.1:999999',
    "1'",
    '\xe9',
  ].flatMap((bad): Case[] => [
    [`${bad} from a proxy`, CHAIN, xff(bad), {}],
    [
      `${bad} before a proxy`,
      CHAIN,
      xff(`9.9.9.9, ${bad}, 10.0.0.1`),
      { ip: '10.0.0.1', ips: ['10.0.0.1'] },
    ],
    [`${bad} from a client`, CHAIN, xff(`${bad}, 1.1.1.1`), { ip: '1.1.1.1', ips: ['1.1.1.1'] }],
  ]),
  [
    'empty elements are none',
    CHAIN,
    xff(', ,1.1.1.1,\t,10.0.0.1 , '),
    { ip: '1.1.1.1', ips: ['1.1.1.1', '10.0.0.1'] },
  ],
  // Protocol and host are those of the hop that told the client's address.
  [
    'the protocol beside the address',
    CHAIN,
    xff('9.9.9.9, 1.1.1.1, 10.0.0.1', XFP('http, https, http'), XFH('x, b.test, c.test')),
    { ip: '1.1.1.1', protocol: 'https', host: 'b.test' },
  ],
  [
    'a protocol that the client wrote',
    LOCAL,
    xff('1.1.1.1', XFP('https, http'), XFH('evil.test, b.test')),
    { ip: '1.1.1.1', protocol: 'http', host: 'b.test' },
  ],
  [
    'one protocol for all',
    CHAIN,
    xff('1.1.1.1, 10.0.0.1', XFP('https')),
    { ip: '1.1.1.1', protocol: 'https' },
  ],
  [
    'fewer protocols than hops',
    CHAIN,
    xff('1.1.1.1, 10.0.0.2, 10.0.0.1', XFP('https, http'), XFH('b, c')),
    { ip: '1.1.1.1', protocol: 'http', host: 'a.test' },
  ],
  ['a protocol without an address', LOCAL, `${XFP('https')}\r\n`, { protocol: 'https' }],
  [
    'protocols of upgrades',
    LOCAL,
    xff('1.1.1.1', XFP('wss')),
    { ip: '1.1.1.1', protocol: 'https' },
  ],
  [
    'a protocol in capitals',
    LOCAL,
    xff('1.1.1.1', XFP('HTTPS')),
    { ip: '1.1.1.1', protocol: 'https' },
  ],
  ...['ftp', 'httpsx', 'https;', '"https"', 'javascript:'].map((bad): Case => [
    `protocol ${bad}`,
    LOCAL,
    xff('1.1.1.1', XFP(bad)),
    { ip: '1.1.1.1', protocol: 'http' },
  ]),
  [
    'a host with a port',
    LOCAL,
    xff('1.1.1.1', XFH('b.test:8080')),
    { ip: '1.1.1.1', host: 'b.test:8080' },
  ],
  ['a host of IPv6', LOCAL, xff('1.1.1.1', XFH('[::1]:80')), { ip: '1.1.1.1', host: '[::1]:80' }],
  ...[
    'b.test/x',
    'b.test:80:80',
    'user@b.test',
    '<b>',
    'b test',
    '[::1',
    'b.test?x',
    'b.test#',
  ].map((bad): Case => [
    `host ${bad}`,
    LOCAL,
    xff('1.1.1.1', XFH(bad)),
    { ip: '1.1.1.1', host: 'a.test' },
  ]),
  // One field and no other.
  [
    'another field',
    LOCAL,
    'X-Real-IP: 1.1.1.1\r\nForwarded: for=1.1.1.1\r\nCF-Connecting-IP: 1.1.1.1\r\n',
    {},
  ],
  ['Forwarded alone', FORWARDED, xff('1.1.1.1', XFP('https'), XFH('b.test')), {}],
  [
    'x-real-ip',
    { ...LOCAL, forwardedHeader: 'x-real-ip' },
    'X-Real-IP: 1.1.1.1\r\n' + xff('9.9.9.9', XFP('https')),
    { ip: '1.1.1.1', ips: ['1.1.1.1'], protocol: 'https' },
  ],
  [
    'x-real-ip twice',
    { ...LOCAL, forwardedHeader: 'x-real-ip' },
    'X-Real-IP: 9.9.9.9\r\nX-Real-IP: 1.1.1.1\r\n',
    {},
  ],
  [
    'cf-connecting-ip',
    { ...LOCAL, forwardedHeader: 'cf-connecting-ip' },
    'CF-Connecting-IP: 2001:db8::1\r\n',
    { ip: '2001:db8::1', ips: ['2001:db8::1'] },
  ],
  // RFC 7239.
  [
    'Forwarded',
    FORWARDED,
    'Forwarded: for=1.1.1.1;proto=https;host=b.test\r\n',
    { ip: '1.1.1.1', ips: ['1.1.1.1'], protocol: 'https', host: 'b.test' },
  ],
  [
    'Forwarded by two',
    FORWARDED,
    'Forwarded: for=9.9.9.9, For=1.1.1.1;Proto=https;by=10.0.0.1;host="b.test:80" , for="10.0.0.1:80";proto=http;host=c.test\r\n',
    { ip: '1.1.1.1', ips: ['1.1.1.1', '10.0.0.1'], protocol: 'https', host: 'b.test:80' },
  ],
  [
    'Forwarded of IPv6',
    FORWARDED,
    'Forwarded: for="[2001:db8::1]:4711"\r\n',
    { ip: '2001:db8::1', ips: ['2001:db8::1'] },
  ],
  [
    'Forwarded without an address',
    FORWARDED,
    'Forwarded: for=_hidden;proto=https;host=b.test\r\n',
    { protocol: 'https', host: 'b.test' },
  ],
  [
    'a quote that is not closed',
    FORWARDED,
    'Forwarded: for="9.9.9.9, for=1.1.1.1;proto=https\r\n',
    { ip: '1.1.1.1', ips: ['1.1.1.1'], protocol: 'https' },
  ],
  [
    'a quote that is not closed, escaped',
    FORWARDED,
    'Forwarded: for="9.9.9.9\\", for=1.1.1.1\r\n',
    { ip: '1.1.1.1', ips: ['1.1.1.1'] },
  ],
  [
    'a quote that is not closed, in another line',
    FORWARDED,
    'Forwarded: for="\r\nForwarded: for="[::2]"\r\n',
    { ip: '::2', ips: ['::2'] },
  ],
  [
    'commas and quotes that are quoted',
    FORWARDED,
    'Forwarded: for=1.1.1.1;x="a, for=9.9.9.9;\\"b\\", c"\r\n',
    { ip: '1.1.1.1', ips: ['1.1.1.1'] },
  ],
  ['a parameter twice', FORWARDED, 'Forwarded: for=1.1.1.1, for=1.1.1.1;for=9.9.9.9\r\n', {}],
  ['a parameter without a value', FORWARDED, 'Forwarded: for=\r\n', {}],
  ['something behind a value', FORWARDED, 'Forwarded: for=1.1.1.1 x\r\n', {}],
]

for (const [name, options, fields, expected] of CASES) {
  const { ips: expectedIps = 'ip' in expected ? undefined : [], ...expectedRest } = expected
  test(`what a request tells of its client: ${name}`, async (t) => {
    const { connect } = await serve(t, (req) => json(seen(req)), options)
    const { ips, ...rest } = await ask(await connect(), fields)
    t.deepEqual<object, object>(rest, { ...rest, ...OWN_REST, ...expectedRest })
    if (expectedIps !== undefined) t.deepEqual(ips, expectedIps)
  })
}

test('a long field takes time that grows with its length', (t) => {
  const many = 300_000
  const begun = performance.now()
  for (const blank of [' ', '\t']) {
    for (const parse of [elementsOf, quotedElementsOf]) {
      const line = `${blank.repeat(many)}a${blank.repeat(many)}b${blank.repeat(many)}`
      t.is(parse([line])[0]?.length, many + 2)
    }
    for (const element of [`a=1${blank.repeat(many)}b`, `a=1;${blank.repeat(many)}b`]) {
      t.deepEqual(hopOf(element), { address: undefined })
    }
    t.is(hopOf(`a=1;${blank.repeat(many)};for=1.1.1.1`).address, '1.1.1.1')
  }
  for (const one of ['"', '\\', '\\"', ';', '[', ':', '=', '1', '1.', ',', 'a=1;']) {
    const long = one.repeat(many)
    for (const element of quotedElementsOf([long, `for="${long}`, `for=${long}`])) hopOf(element)
    for (const element of elementsOf([long])) addressOf(element)
  }
  // Squared time would be minutes.
  t.true(performance.now() - begun < scaled(10_000))
})

test('a trust that throws is the error of its handler', async (t) => {
  const trustProxy = (): never => {
    throw new Error('mine')
  }
  const { connect, errors } = await serve(t, (req) => req.ip, { trustProxy })
  t.is((await (await connect()).get('/')).status, 500)
  t.regex(String(errors[0]?.error), /mine/)
})

test('the host of a target in absolute form is that of the request', async (t) => {
  const { connect } = await serve(t, (req) => json(seen(req)), LOCAL)
  const client = await connect()
  t.is((await ask(client, '', 'http://c.test:81/x?y')).host, 'c.test:81')
  t.is((await ask(client, xff('1.1.1.1', XFH('b.test')), 'http://c.test:81/')).host, 'b.test')
  t.is(JSON.parse((await client.send('GET / HTTP/1.0\r\n\r\n').reply()).body.toString()).host, '')
})

test('behind the PROXY protocol the peer is the one that it tells', async (t) => {
  const options: ServerOptions = {
    trustProxy: ['192.0.2.1'],
    proxyProtocol: { from: ['loopback'] },
  }
  const { connect } = await serve(t, (req) => json(seen(req)), options)
  for (const [source, ip] of [
    ['192.0.2.1', '1.1.1.1'],
    ['192.0.2.2', '192.0.2.2'],
  ] as const) {
    const client = await connect()
    client.send(`PROXY TCP4 ${source} 127.0.0.1 1 2\r\n`)
    t.is((await ask(client, xff('1.1.1.1'))).ip, ip)
  }
})

test('a request that was decoded by hand believes nobody', (t) => {
  const req = decoded(xff('1.1.1.1', XFP('https')))
  t.deepEqual(seen(req), { ...OWN, ip: '', ips: [] } as Seen)
})

test('what a request tells is the same for ever', async (t) => {
  let kept: HttpRequest | undefined
  const { connect } = await serve(t, (req) => (kept ??= req).ip, LOCAL)
  const client = await connect()
  await client.get('/', xff('1.1.1.1'))
  for (let i = 0; i < 100; i++) await client.get('/', `X: ${'x'.repeat(4000)}\r\n`)
  t.is(kept?.ip, '1.1.1.1')
  t.is(kept?.ips, kept?.ips)
})

const WRONG: [options: object, message: RegExp][] = [
  [{ trustProxy: true }, /^trustProxy must not be true: .*Name your proxies/],
  [{ trustProxy: false }, /^trustProxy must be an array, \{ hops \} or a function/],
  [{ trustProxy: null }, /^trustProxy must be an array/],
  [{ trustProxy: 1 }, /^trustProxy must be an array/],
  [{ trustProxy: 'loopback' }, /^trustProxy must be an array/],
  [{ trustProxy: {} }, /^trustProxy must have hops, got an object$/],
  [{ trustProxy: { hops: null } }, /^trustProxy.hops must be a number, got null$/],
  [{ trustProxy: { hops: 0 } }, /^trustProxy.hops must be an integer/],
  [{ trustProxy: { hop: 1 } }, /did you mean hops/],
  [{ trustProxy: ['localhost'] }, /^trustProxy has addresses, .*not "localhost"$/],
  [{ trustProxy: ['10.0.0.0/33'] }, /not "10.0.0.0\/33"$/],
  [{ forwardedHeader: 'forwarded' }, /^forwardedHeader is believed of nobody without trustProxy$/],
  [
    { trustProxy: [], forwardedHeader: 'x-client-ip' },
    /^forwardedHeader must be one of 'x-forwarded-for'/,
  ],
]

for (const [options, message] of WRONG) {
  test(`${JSON.stringify(options)} is refused`, (t) => {
    t.throws(() => createServer(() => 'ok', options as ServerOptions), { message })
  })
}

/** An address of either family, from few blocks so that some are believed. */
const v4 = tuple(constantFrom(10, 127, 172, 192, 169, 8, 1), nat(255), nat(255), nat(255))
const group = nat(0xffff).map((value) => value.toString(16))
const address = oneof(
  v4.map((bytes) => bytes.join('.')),
  v4.map((bytes) => `::ffff:${bytes.join('.')}`),
  tuple(constantFrom('fd00', 'fe80', '2001', '::1', '::'), array(group, { maxLength: 5 })).map(
    ([first, rest]) => (first.startsWith('::') ? first : `${first}:${[...rest, ''].join(':')}:1`),
  ),
)
const block = oneof(
  constantFrom('loopback', 'linklocal', 'uniquelocal'),
  v4.chain((bytes) => integer({ min: 1, max: 32 }).map((bits) => `${bytes.join('.')}/${bits}`)),
  tuple(constantFrom('fd00::', '2001:db8::', 'fe80::1'), integer({ min: 1, max: 128 })).map(
    ([ip, bits]) => `${ip}/${bits}`,
  ),
)

/** The chain of `proxy-addr`, the peer first. */
function oracle(peer: string, chain: readonly string[], trust: string[]): string[] {
  const headers = { 'x-forwarded-for': chain.join(', ') }
  return proxyAddr.all(
    { headers, socket: { remoteAddress: peer } } as unknown as IncomingMessage,
    trust,
  )
}

/** The same as a request of this peer tells it. */
function ours(peer: AddressWords, chain: readonly string[], trust: Trust): [string, string[]] {
  const { chunk, at } = recordOf(decoded(chain.length === 0 ? '' : xff(chain.join(', '))))
  chunk.words.set(peer, at + REQUEST.remote)
  chunk.words[at + REQUEST.family] = 6
  const { ip, ips } = clientOf(Object.defineProperty(chunk, 'trust', { value: trust }), at)
  return [ip, [...ips, remoteOf(chunk, at)]]
}

test('proxy-addr finds the same client in 100 000 random chains', (t) => {
  const trusts = sample(array(block, { minLength: 1, maxLength: 4 }), {
    numRuns: 1000,
    seed: 1,
  })
  let [chained, believed] = [0, 0]
  for (const [seed, list] of trusts.entries()) {
    const trust = checkTrust(list, undefined) as Trust
    const [peer = ''] = sample(address, { numRuns: 1, seed })
    for (const chain of sample(array(address, { maxLength: 6 }), { numRuns: 100, seed })) {
      const [ip, addresses] = ours(wordsOf(peer) as AddressWords, chain, trust)
      // As a socket shows the peer.
      const expected = oracle(addresses.at(-1) as string, chain, list).toReversed()
      const all = { ip: expected[0], addresses: expected }
      t.deepEqual({ ip, addresses } as object, all, JSON.stringify({ peer, chain, list }))
      chained++
      if (addresses.length > 1) believed++
    }
  }
  t.is(chained, 100_000)
  t.true(believed > 10_000, `${believed}`)
})
