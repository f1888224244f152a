import { join } from 'node:path'
import { root } from '../support/root.ts'
import type { Suite } from './suite.ts'
import { FILES } from './wpt-files.ts'

const INSTALL = ['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund']

/** A project that mocha tests; `args` are what its own script tells it. */
function mocha(
  name: string,
  repository: string,
  args: string,
  rest: Pick<Suite, 'stockPasses' | 'exceptions'> & Partial<Suite>,
): Suite {
  return { name, repository, runner: 'mocha', args: args.split(' '), install: [INSTALL], ...rest }
}

/** Tests that name a URL or nothing in Host, which is 400 unless somebody wants it. */
const ANY_HOST = { requireHostHeader: false }

/** Puts a module in the place of the one by which a project starts its server. */
function placed(project: string): string[] {
  return ['node', join(root, '__test__/suites/shims/place.mjs'), project]
}

const EXPRESS = '--require test/support/env --check-leaks test/ test/acceptance/'

const ENGINE_IO = [
  'mocha@10',
  'expect.js@0.3',
  'superagent@9',
  'engine.io-client@6.6',
  'engine.io-client-v3@npm:engine.io-client@3',
  'express-session@1',
  'helmet@7',
  'typescript@6',
  '@types/debug@4',
]

/** Tests that nobody here wrote, and what of them is allowed to fail. */
export const SUITES: readonly Suite[] = [
  mocha('express5', 'expressjs/express', EXPRESS, {
    options: ANY_HOST,
    stockPasses: 1256,
    exceptions: 0,
  }),
  mocha('express4', 'expressjs/express', EXPRESS, {
    ref: '4.x',
    options: ANY_HOST,
    stockPasses: 1320,
    exceptions: 0,
  }),
  {
    name: 'koa',
    repository: 'koajs/koa',
    install: [INSTALL, ['npm', 'run', 'build']],
    runner: 'node-test',
    args: [],
    stockPasses: 433,
    exceptions: 1,
  },
  {
    name: 'fastify',
    repository: 'fastify/fastify',
    ref: '5.x',
    install: [INSTALL],
    runner: 'borp',
    args: [],
    stockPasses: 2320,
    exceptions: 12,
    minutes: 20,
  },
  mocha('ws', 'websockets/ws', 'test/*.test.js', {
    stockPasses: 436,
    exceptions: 3,
  }),
  mocha(
    'engine.io',
    'socketio/socket.io',
    '--exit test/engine.io.js test/server.js test/middlewares.js test/parser.js',
    {
      folder: 'packages/engine.io',
      // What the packages of the repository share. Types of an optional rival are missing; the compiler says
      // so and writes its output all the same.
      install: [
        [...INSTALL, '--no-save', ...ENGINE_IO],
        ['-', 'node_modules/.bin/tsc'],
      ],
      stockPasses: 175,
      exceptions: 3,
      // Clients that poll until they are upgraded ask more or less often: stock's own runs had 346 to 457.
      spread: 130,
    },
  ),
  mocha('send', 'pillarjs/send', '--check-leaks test/', { stockPasses: 139, exceptions: 0 }),
  mocha('serve-static', 'expressjs/serve-static', '--check-leaks test/', {
    stockPasses: 92,
    exceptions: 0,
  }),
  mocha('body-parser', 'expressjs/body-parser', '--check-leaks test/', {
    stockPasses: 273,
    exceptions: 0,
  }),
  mocha('compression', 'expressjs/compression', '--check-leaks test/', {
    stockPasses: 56,
    exceptions: 0,
  }),
  mocha('finalhandler', 'pillarjs/finalhandler', '--check-leaks test/', {
    stockPasses: 106,
    exceptions: 0,
  }),
  mocha('on-finished', 'jshttp/on-finished', '--check-leaks test/', {
    stockPasses: 45,
    exceptions: 0,
  }),
  mocha(
    'session',
    'expressjs/session',
    '--require test/support/env --check-leaks --no-exit test/',
    {
      install: [INSTALL, ['sh', 'test/support/gencert.sh']],
      options: ANY_HOST,
      stockPasses: 160,
      exceptions: 0,
    },
  ),
  {
    name: 'node-server',
    repository: 'honojs/node-server',
    install: [INSTALL],
    runner: 'vitest',
    args: [],
    options: ANY_HOST,
    stockPasses: 383,
    exceptions: 0,
    // A client that leaves at once is or is not seen.
    spread: 5,
  },
  {
    name: 'srvx',
    repository: 'h3js/srvx',
    install: [[...INSTALL, '--legacy-peer-deps']],
    runner: 'vitest',
    args: ['test/node'],
    options: ANY_HOST,
    node: 24,
    stockPasses: 316,
    exceptions: 0,
  },
  {
    name: 'fetch-node-server',
    repository: 'honojs/node-server',
    install: [INSTALL, placed('node-server')],
    hook: 'fetch',
    runner: 'vitest',
    args: [],
    stockPasses: 383,
    exceptions: 3,
    outside: 7,
    // What it serves by TLS and HTTP/2, and handlers of node that are no listeners of its own.
    spread: 1000,
  },
  {
    name: 'fetch-srvx',
    repository: 'h3js/srvx',
    install: [[...INSTALL, '--legacy-peer-deps'], placed('srvx')],
    hook: 'fetch',
    runner: 'vitest',
    args: ['test/node'],
    node: 24,
    stockPasses: 316,
    exceptions: 3,
    outside: 18,
    spread: 1000,
  },
  {
    name: 'fetch-hono',
    repository: 'honojs/hono',
    install: [INSTALL, placed('hono')],
    hook: 'fetch',
    runner: 'vitest',
    args: ['--project', 'node', '--coverage.enabled=false'],
    stockPasses: 13,
    exceptions: 0,
  },
  {
    name: 'fetch-h3',
    repository: 'h3js/h3',
    // It names itself by its place in a workspace of pnpm; what is left out are its types and rivals.
    install: [
      ['npm', 'pkg', 'delete', 'devDependencies.h3', 'devDependencies.elysia'],
      [...INSTALL, '--legacy-peer-deps'],
      placed('h3'),
    ],
    hook: 'fetch',
    runner: 'vitest',
    args: ['--typecheck.enabled=false', '--exclude=test/integrations.test.ts', 'test/'],
    stockPasses: 2688,
    exceptions: 5,
    outside: 7,
    spread: 10,
  },
  {
    name: 'wpt',
    // The last commit that has the files of web-platform-tests in it.
    repository: 'nodejs/undici',
    ref: 'b4019ee9dc9864469cebfca43a42e37de1287b98',
    folder: 'test/fixtures/wpt',
    paths: [
      'common',
      'fetch/api/request',
      'fetch/api/response',
      'fetch/api/resources',
      'resources',
    ],
    install: [],
    hook: 'wpt',
    runner: 'wpt',
    args: Object.entries(FILES).flatMap(([folder, names]) =>
      names.map((name) => `fetch/api/${folder}/${name}`),
    ),
    stockPasses: 450,
    exceptions: 0,
  },
  {
    name: 'node_test',
    repository: 'denoland/node_test',
    // Of the fixtures only what is stored whole.
    paths: ['test/parallel', 'test/common', 'test/fixtures/keys'],
    install: [],
    runner: 'files',
    args: ['test/parallel'],
    node: 26,
    stockPasses: 217,
    exceptions: 22,
    // Its tests end processes, and open servers that nobody asks.
    spread: 1000,
    minutes: 20,
  },
]
