import { createHash } from 'node:crypto'
import type { HttpRequest } from '../../ts/index.ts'

/** A POST with this body in chunks of these sizes. */
export function chunked(path: string, body: Buffer, sizes: readonly number[], fields = ''): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n${fields}\r\n`
  const parts: Uint8Array[] = [Buffer.from(head)]
  for (let at = 0, i = 0; at < body.length; i++) {
    const piece = body.subarray(at, at + (sizes[i % sizes.length] as number))
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
    at += piece.length
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

/** Reads a body, at `/web` as a web stream: its length and its SHA-256. */
export async function digest(req: HttpRequest): Promise<string> {
  const hash = createHash('sha256')
  let length = 0
  if (req.path === '/web') {
    const reader = req.stream().getReader()
    for (;;) {
      const { value, done } = await reader.read()
      if (done) break
      hash.update(value)
      length += value.length
    }
  } else {
    for await (const piece of req) {
      hash.update(piece)
      length += piece.length
    }
  }
  return `${length} ${hash.digest('hex')}`
}

/** What `digest` says of a body that arrives whole. */
export const expected = (body: Buffer): string =>
  `${body.length} ${createHash('sha256').update(body).digest('hex')}`
