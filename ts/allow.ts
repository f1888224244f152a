import { types } from 'node:util'
import { isAppended } from './append.ts'
import { assetWithField, isAsset } from './asset.ts'
import { answerTo, isAnswer } from './failure.ts'
import { type Add, fileWithField, isFile } from './file.ts'
import { pairsOf } from './fields.ts'
import { isThenable } from './pending.ts'
import { type HttpRequest, isTaken } from './request.ts'
import { encoded, type HttpResponse, type HttpResult, text, withField } from './response.ts'
import { StreamResponse, streamWithField } from './stream.ts'

type Later<T> = T | Promise<T>

/**
 * Calls what answers a request and adds `Allow` with these methods to its answer, unless it is there.
 * A client's error that it throws is an answer as well, unless it has taken the connection.
 */
export function allowing(
  req: HttpRequest,
  methods: string,
  answer: () => Later<HttpResult>,
): Later<HttpResult> {
  const add = (result: HttpResult): HttpResult => withAllow(req, result, methods)
  const rescue = (error: unknown): HttpResult => {
    const said = answerTo(error)
    // What is the server's fault is for somebody else to report.
    if (!isAnswer(error) || said.status >= 500 || isTaken(req)) throw error
    return add(said)
  }
  try {
    const result = answer()
    return isThenable(result) ? Promise.resolve(result).then(add, rescue) : add(result)
  } catch (error) {
    return rescue(error)
  }
}

function withAllow(req: HttpRequest, result: HttpResult, methods: string): HttpResult {
  if (typeof result === 'string') return text(result, { headers: { Allow: methods } })
  // It is no result, or one that is written already: its sender knows.
  if (typeof result !== 'object' || result === null || isAppended(result)) return result
  if (types.isUint8Array(result)) return rawWithAllow(result, methods)
  const add: Add = (answer) => allowing(req, methods, answer)
  if (isAsset(result)) return assetWithField(result, 'Allow', methods, add)
  if (isFile(result)) {
    return hasAllow(result) ? result : fileWithField(result, 'Allow', methods, add)
  }
  if (StreamResponse.isOne(result)) {
    return hasAllow(result) ? result : streamWithField(result, 'Allow', methods)
  }
  const response = encoded(result)
  return hasAllow(response) ? response : withField(response, 'Allow', methods)
}

function hasAllow({ headers }: HttpResponse): boolean {
  return pairsOf(headers).some(([name]) => name.toLowerCase() === 'allow')
}

/** The line goes behind the status line, where it is the first of its head. */
function rawWithAllow(raw: Uint8Array, methods: string): Uint8Array {
  const bytes = Buffer.from(raw)
  const end = bytes.indexOf('\r\n')
  const head = bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 2).toString('latin1')
  if (end < 0 || /\nallow:/i.test(head)) return raw
  const line = Buffer.from(`Allow: ${methods}\r\n`, 'latin1')
  return Buffer.concat([bytes.subarray(0, end + 2), line, bytes.subarray(end + 2)])
}
