// The FastResponse of srvx, which says itself what is to be sent: texts, bytes, fields, streams of Node and of the web,
// what React renders. The platform makes nothing of it.
import assert from 'node:assert'
import { Readable } from 'node:stream'
import { createElement } from 'react'
import { renderToPipeableStream } from 'react-dom/server'
import { FastResponse } from 'srvx/node'
import { fetching } from '../fetching.mjs'

const { get } = Object.getOwnPropertyDescriptor(FastResponse.prototype, '_response')
let made = 0
Object.defineProperty(FastResponse.prototype, '_response', {
  get() {
    made++
    return get.call(this)
  },
})

/** A page of React, when its shell is there. */
function page() {
  return new Promise((resolve, reject) => {
    const rendered = renderToPipeableStream(createElement('b', null, 'rendered'), {
      onShellReady: () => resolve(rendered),
      onShellError: reject,
    })
  })
}

const answers = {
  '/text': () => new FastResponse('grüße'),
  '/bytes': () => new FastResponse(Buffer.from('bytes'), { status: 201 }),
  '/json': () => FastResponse.json({ a: 1 }),
  '/nothing': () => new FastResponse(null, { status: 204 }),
  '/cookies': () => {
    const response = new FastResponse('set')
    for (const cookie of ['a=1', 'b=2']) response.headers.append('set-cookie', cookie)
    return response
  },
  '/readable': () => new FastResponse(Readable.from(['a', 'b'])),
  '/web': () => new FastResponse(new Blob(['a', 'b']).stream()),
  '/react': async () => new FastResponse(await page()),
}

const { ask, end } = await fetching((request) => answers[new URL(request.url).pathname]())
const text = await ask('/text')
assert.deepStrictEqual([text.text, text.headers.get('content-length')], ['grüße', '7'])
assert.match(text.headers.get('content-type'), /^text\/plain/)
const bytes = await ask('/bytes')
assert.deepStrictEqual([bytes.status, bytes.text], [201, 'bytes'])
const json = await ask('/json')
assert.deepStrictEqual(
  [json.text, json.headers.get('content-type')],
  ['{"a":1}', 'application/json'],
)
assert.strictEqual((await ask('/nothing')).status, 204)
assert.deepStrictEqual((await ask('/cookies')).headers.getSetCookie(), ['a=1', 'b=2'])
for (const path of ['/readable', '/web']) assert.strictEqual((await ask(path)).text, 'ab')
assert.strictEqual((await ask('/react')).text, '<b>rendered</b>')
for (const path of Object.keys(answers)) {
  const { status, text: body } = await ask(path, { method: 'HEAD' })
  assert.deepStrictEqual([status, body], [{ '/bytes': 201, '/nothing': 204 }[path] ?? 200, ''])
}
assert.strictEqual(made, 0)
await end()
