import type { ExecutionContext } from 'ava'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Router, type ServeFilesOptions } from '../../ts/index.ts'
import type { Client } from './client.ts'
import { folder } from './folder.ts'
import type { Reply } from './reply.ts'
import { serve, type Service } from './service.ts'

/** A folder `root` with these files, beside a file that must never be seen. */
export function site(t: ExecutionContext, files: Record<string, string | Uint8Array>): string {
  const around = folder(t)
  writeFileSync(join(around, 'outside'), 'OUTSIDE')
  const root = join(around, 'root')
  mkdirSync(root)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  return root
}

/** A server of the files below `root` at `/static/`. */
export function serveFrom(
  t: ExecutionContext,
  root: string,
  options?: ServeFilesOptions,
): Promise<Service> {
  return serve(t, new Router().serveFiles('/static/*filepath', root, options))
}

/** A request for a target as it is, byte for byte. */
export function ask(client: Client, target: string, method = 'GET', fields = ''): Promise<Reply> {
  const bytes = `${method} ${target} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`
  return client.send(Buffer.from(bytes, 'latin1')).reply(method)
}
