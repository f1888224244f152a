import { FastResponse } from './fast-response.ts'
import { LazyRequest } from './request.ts'

// import 'fasthttp/fetch/global': what the platform's `Request` and `fetch` take, lazy requests are as well, and
// `new Response(...)` is light. The prototypes stay the platform's, so `instanceof` means what it meant.

const platform = { Request, Response, fetch }

/** What the platform understands. */
function known(input: unknown): unknown {
  return LazyRequest.isOne(input) ? input.native() : input
}

globalThis.Request = new Proxy(platform.Request, {
  construct(target, [input, ...rest], newTarget) {
    const made = newTarget === globalThis.Request ? target : newTarget
    return Reflect.construct(target, [known(input), ...rest], made) as object
  },
})

globalThis.Response = new Proxy(platform.Response, {
  // A subclass is made of the platform's.
  construct: (target, args, newTarget) =>
    Reflect.construct(
      newTarget === globalThis.Response ? FastResponse : target,
      args,
      newTarget === globalThis.Response ? FastResponse : newTarget,
    ) as object,
  get: (target, key) => (key === 'json' ? FastResponse.json : Reflect.get(target, key)) as unknown,
})

const call = (input: unknown, ...rest: unknown[]): Promise<Response> =>
  Reflect.apply(platform.fetch, globalThis, [known(input), ...rest]) as Promise<Response>
globalThis.fetch = Object.defineProperty(call, 'name', { value: 'fetch' }) as typeof fetch
