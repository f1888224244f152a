// Uploads of forms (multipart/form-data) by busboy, straight to the disk: no file is in memory as a whole.
import busboy, { type Busboy, type FileInfo } from 'busboy'
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createServer, HttpError, type HttpRequest, type HttpResult, json } from 'fasthttp'

const folder = process.env['UPLOADS'] ?? join(tmpdir(), 'fasthttp-uploads')
await mkdir(folder, { recursive: true })
const limits = { files: 10, fileSize: 10 << 20 }

function formOf(req: HttpRequest): Busboy {
  try {
    return busboy({ headers: { 'content-type': req.header('content-type') }, limits })
  } catch (cause) {
    throw new HttpError(415, 'not a form with files\n', { cause })
  }
}

/** Writes one file. */
async function save(file: Readable & { truncated?: boolean }, info: FileInfo, path: string) {
  await pipeline(file, createWriteStream(path))
  if (file.truncated === true) throw new HttpError(413, `${info.filename} is too large\n`)
  return { name: info.filename, type: info.mimeType, size: (await stat(path)).size, path }
}

async function upload(req: HttpRequest): Promise<HttpResult> {
  const form = formOf(req)
  const saves: Promise<object>[] = []
  const paths: string[] = []
  form.on('file', (_, file, info) => {
    const path = join(folder, randomUUID())
    paths.push(path)
    const saving = save(file, info, path)
    saving.catch((error: Error) => form.destroy(error))
    saves.push(saving)
  })
  try {
    // The client sends no faster than the disk takes it.
    await pipeline(req.stream(), form)
    return json(await Promise.all(saves), { status: 201 })
  } catch (error) {
    await Promise.allSettled(saves)
    for (const path of paths) await rm(path, { force: true })
    const isOfForm = !(error instanceof HttpError) && !('code' in (error as Error))
    throw isOfForm ? new HttpError(400, `${(error as Error).message}\n`) : error
  }
}

const server = createServer(upload, { bodyMode: 'stream', maxBodySize: 50 << 20 })
await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
console.log(`curl -F file=@README.md http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close())
