import { isFieldValue } from '../crossing/checks.ts'
import { DOWN } from '../crossing/layout.ts'
import { headless } from '../crossing/ring.ts'
import { show } from '../errors.ts'
import type { HttpRequest } from './request.ts'
import { sendStep } from './step.ts'

/** Sends 103 with these values of `Link`, if the client knows such answers. */
export function sendHints(request: HttpRequest, links: string | readonly string[]): void {
  const fields = checkLinks(links)
  if (request.httpVersion === '1.0') return
  sendStep(request, { ...headless(DOWN.interim | (103 << 16)), fields })
}

/** Checks the values of `Link` for early hints; throws `TypeError` for what is none. */
function checkLinks(links: string | readonly string[]): string {
  const all = typeof links === 'string' ? [links] : links
  if (!Array.isArray(all) || all.length === 0) {
    throw new TypeError(`links must be a string or an array of strings, got ${show(links)}`)
  }
  let fields = ''
  for (const link of all as unknown[]) {
    if (typeof link !== 'string' || !isFieldValue(link) || !/^\s*<[^<>]*>/.test(link)) {
      throw new TypeError(
        `a link must look like '</style.css>; rel=preload' (RFC 8288), got ${show(link)}`,
      )
    }
    fields += `Link: ${link.trim()}\r\n`
  }
  return fields
}
