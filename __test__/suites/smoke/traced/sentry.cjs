'use strict'
// Loaded before a program: Sentry, which sends nothing.
const Sentry = require('@sentry/node')

const told = []
Sentry.init({
  dsn: 'http://a@127.0.0.1:9/1',
  tracesSampleRate: 1,
  traceLifecycle: 'static',
  beforeSendTransaction(event) {
    told.push(event)
    return null
  },
})
globalThis.smokeTold = async () => {
  await Sentry.flush(2000)
  for (const { contexts } of told) {
    if (contexts.trace.op !== 'http.server') continue
    const { data } = contexts.trace
    const path =
      data['http.target'] ?? data['url.path'] ?? new URL(data['url.full'] ?? data.url).pathname
    const status = data['http.response.status_code'] ?? data['http.status_code']
    console.log(JSON.stringify({ path, status }))
  }
}
