/** One response as a strict client sees it (RFC 9112). */
export interface Reply {
  readonly status: number
  readonly reason: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
  /** The body as UTF-8. */
  readonly text: string
  /** Statuses of the 1xx responses before it. */
  readonly interim: readonly number[]
  /** The only value of a field; throws if there are several. */
  header(name: string): string | undefined
}

/** Where a reader takes bytes from. */
export interface Source {
  /** The bytes up to and with `mark`. */
  through(mark: string): Promise<Buffer>
  exactly(length: number): Promise<Buffer>
  rest(): Promise<Buffer>
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-9][0-9]{2}) ([\t\x20-\x7e\x80-\xff]*)$/
const FIELD_LINE =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*$/

interface Head {
  status: number
  reason: string
  headers: [string, string][]
}

/** Reads one final response; throws for everything that a strict client would refuse. */
export async function readReply(source: Source, method: string): Promise<Reply> {
  const interim: number[] = []
  for (;;) {
    const head = parseHead((await source.through('\r\n\r\n')).toString('latin1'))
    if (head.status < 200) {
      if (all(head, 'content-length').length + all(head, 'transfer-encoding').length > 0) {
        throw new Error(`a ${head.status} response speaks of a body`)
      }
      interim.push(head.status)
      continue
    }
    const body = await readBody(source, head, method)
    return {
      ...head,
      body,
      interim,
      get text() {
        return body.toString()
      },
      header(name) {
        const values = all(head, name)
        if (values.length > 1) throw new Error(`${name} is there ${values.length} times`)
        return values[0]
      },
    }
  }
}

function parseHead(text: string): Head {
  const [first = '', ...lines] = text.slice(0, -4).split('\r\n')
  const start = STATUS_LINE.exec(first)
  if (start === null) throw new Error(`no status line: ${JSON.stringify(first.slice(0, 200))}`)
  const headers = lines.map((line): [string, string] => {
    const field = FIELD_LINE.exec(line)
    if (field === null) throw new Error(`no field line: ${JSON.stringify(line.slice(0, 200))}`)
    return [field[1] as string, field[2] as string]
  })
  return { status: Number(start[1]), reason: start[2] as string, headers }
}

function all(head: Head, name: string): string[] {
  const asked = name.toLowerCase()
  return head.headers.filter(([key]) => key.toLowerCase() === asked).map(([, value]) => value)
}

async function readBody(source: Source, head: Head, method: string): Promise<Buffer> {
  const lengths = all(head, 'content-length')
  const codings = all(head, 'transfer-encoding')
  if (lengths.length > 1) throw new Error(`${lengths.length} lengths`)
  const length = lengths[0]
  if (length !== undefined && !/^[0-9]+$/.test(length)) throw new Error(`length ${length}`)
  if (length !== undefined && codings.length > 0) throw new Error('both length and coding')
  if (head.status === 204 && (length !== undefined || codings.length > 0)) {
    throw new Error('204 with a length or a coding')
  }
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return Buffer.alloc(0)
  if (codings.length > 0) {
    if (codings.join() !== 'chunked') throw new Error(`coding ${codings.join()}`)
    return readChunks(source)
  }
  if (length !== undefined) return source.exactly(Number(length))
  if (all(head, 'connection').join().toLowerCase() !== 'close') {
    throw new Error('a body that ends with the connection needs Connection: close')
  }
  return source.rest()
}

async function readChunks(source: Source): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (;;) {
    const line = (await source.through('\r\n')).toString('latin1').slice(0, -2)
    if (!/^[0-9A-Fa-f]{1,8}$/.test(line)) throw new Error(`chunk size ${JSON.stringify(line)}`)
    const size = Number.parseInt(line, 16)
    if (size === 0) break
    chunks.push(await source.exactly(size))
    if ((await source.exactly(2)).toString() !== '\r\n') throw new Error('chunk without its end')
  }
  while ((await source.through('\r\n')).length > 2);
  return Buffer.concat(chunks)
}
