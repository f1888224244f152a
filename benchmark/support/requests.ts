const FIELDS = [
  'Host: localhost:8080',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Language: en-GB,en;q=0.7,de;q=0.3',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Cookie: session=5f2b7c1e9a; theme=dark',
  'Connection: keep-alive',
]

/** A request with the fields of a browser. */
export function request(line: string, body = ''): Buffer {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`]
  return Buffer.from(`${[line, ...FIELDS, ...length].join('\r\n')}\r\n\r\n${body}`)
}

/** GET of the root. */
export const GET: Buffer = request('GET / HTTP/1.1')
/** A body of 10 KiB. */
export const ECHOED: string = 'fasthttp '.repeat(1138).slice(0, 10 << 10)
/** A body of 100 KiB: wrk is told by the environment, which takes no longer one than 128. */
export const UPLOADED: string = ECHOED.repeat(10)
