import { coded } from '../errors.ts'

/** The error for the body of a `Response` that was read. */
export function usedBody(): Error {
  const message =
    'the body of the Response is being read, or was read: a Response can be sent once only'
  return coded('ERR_INVALID_STATE', new TypeError(message))
}
