import test from 'ava'
import { restart } from './restarts.ts'

// `npm run scorecard -- restarts` does the same a hundred times.
const promise = process.platform === 'linux' ? test : test.skip

promise('restarts of two processes on one address lose no request', async (t) => {
  const { answered, retried, lost, badEnds } = await restart(t, 10, 16)
  t.log(`${answered} answered, ${retried} sent twice`)
  t.deepEqual(lost, [])
  t.deepEqual(badEnds, [])
})
