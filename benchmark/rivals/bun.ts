import { block, echo, greet, HELLO, LARGE, RECORD, soon } from '../support/answers.ts'

declare const Bun: { serve(options: object): unknown }

const browser = ({ url, headers }: Request): string =>
  greet(url.slice(url.indexOf('?') + 1), headers.get('accept-language'), headers.get('user-agent'))

Bun.serve({
  port: Number(process.argv[2]),
  hostname: '127.0.0.1',
  idleTimeout: 65,
  routes: {
    '/': () => new Response(HELLO),
    '/browser': (req: Request) => new Response(browser(req)),
    '/echo': async (req: Request) => new Response(echo(await req.text())),
    '/64k': () => new Response(LARGE),
    '/block': () => new Response(block()),
    '/burn': () => new Response(block(5)),
    '/timer': () => soon().then(() => Response.json(RECORD)),
  },
})
