// What programs ask their servers with, and how they end. The requests are counted: the server must have had
// as many.
import { once } from 'node:events'

let asked = 0
let isExact = true

/** Binds a server to a free port; gives its address. */
export async function listening(server) {
  if (!server.listening) {
    server.listen(0, '127.0.0.1')
    if (!server.listening) await once(server, 'listening')
  }
  return `http://127.0.0.1:${server.address().port}`
}

/** Counts requests that were made by other means. */
export function alsoAsked(count = 1) {
  asked += count
}

/** Says that there were more requests than were counted. */
export function alsoOthers() {
  isExact = false
}

/** Asks; gives status, fields and text. */
export async function ask(url, options = {}) {
  asked += 1
  const response = await fetch(url, { redirect: 'manual', ...options })
  const { status, headers } = response
  return { status, headers, text: await response.text() }
}

/** Ends a server, and says what it was asked. */
export async function finished(server) {
  const closed = new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
  })
  server.closeAllConnections()
  await closed
  console.log(JSON.stringify({ asked, isExact }))
}
