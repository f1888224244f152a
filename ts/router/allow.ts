import { types } from 'node:util'
import { isTaken } from '../request/ending.ts'
import { type HttpRequest } from '../request/request.ts'
import { addLines, isPlain } from '../response/added.ts'
import { encoded } from '../response/encoded.ts'
import { answerTo, isAnswer } from '../response/failure.ts'
import { isThrownResponse } from '../response/fetched.ts'
import { pairsOf } from '../response/fields.ts'
import { isThenable } from '../response/pending.ts'
import { type HttpResult } from '../response/response.ts'

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
    if (!isAnswer(error) || isTaken(req)) throw error
    if (isThrownResponse(error)) return add(error)
    const { answer: said } = answerTo(error)
    // What is the server's fault is for somebody else to report.
    if (said.status >= 500) throw error
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
  // Its headers can be looked at twice then.
  const response = isPlain(result) ? encoded(result) : result
  if (hasAllow(response)) return response
  return addLines(response, [['Allow', methods]], (answer) => allowing(req, methods, answer))
}

function hasAllow(result: HttpResult): boolean {
  if (typeof result !== 'object' || result === null) return false
  if (types.isUint8Array(result)) {
    const bytes = Buffer.from(result)
    return /\nallow:/i.test(bytes.toString('latin1', 0, bytes.indexOf('\r\n\r\n')))
  }
  return pairsOf(result.headers).some(([name]) => name.toLowerCase() === 'allow')
}
