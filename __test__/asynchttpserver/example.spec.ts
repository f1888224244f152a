import test from 'ava'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { start } from '../support/program.ts'

const run = promisify(execFile)

test("the example of Nim's manual answers curl, and ends when it is told", async (t) => {
  const program = start(t, 'examples/asynchttpserver', { env: { PORT: '0' } })
  const url = (await program.line()).replace('curl ', '')
  const { stdout } = await run('curl', ['-s', '-i', '--max-time', '20', `${url}a?b=1`])
  const [head, body] = stdout.split('\r\n\r\n')
  t.regex(head as string, /^HTTP\/1\.1 200 OK\r\n/)
  t.regex(head as string, /^content-type: text\/plain; charset=utf-8$/im)
  t.is(body, 'Hello World')
  t.regex(await program.line(), /^GET \/a\?b=1 curl/)
  program.child.kill('SIGTERM')
  const { code, stderr } = await program.ended()
  t.deepEqual([code, stderr], [0, ''])
})
