// Says what watchers of requests that were there before have heard while ours was loaded.

import { subscribe } from 'node:diagnostics_channel'
import { PerformanceObserver } from 'node:perf_hooks'

const heard: string[] = []
for (const name of ['request.start', 'response.created', 'response.finish'])
  subscribe(`http.server.${name}`, () => heard.push(name))
const observer = new PerformanceObserver(() => undefined)
observer.observe({ entryTypes: ['http'] })
await import('../../ts/node/index.ts')
for (const { name } of observer.takeRecords()) heard.push(name)
console.log(JSON.stringify(heard))
