import { restart } from '../../__test__/server/restarts.ts'
import { exactly, type Row, tell } from './row.ts'
import { scoped } from './scope.ts'

const RESTARTS = 100
const CLIENTS = 32

/**
 * Two processes on one `reusePort` address; each in turn is sent SIGTERM, closes, ends and is replaced,
 * 100 times in all, while 32 keep-alive clients send GET requests without pause. A request whose connection
 * ends before its answer is sent once more on a new one; lost is one that has no answer then either.
 */
export const restarts: Row = {
  name: 'restarts',
  title: '100 restarts of two processes on one address, under load',
  measure: () =>
    scoped(async (scope) => {
      const { answered, retried, lost, badEnds } = await restart(scope, RESTARTS, CLIENTS)
      tell([`${answered} answered, ${retried} sent twice`, ...lost, ...badEnds].join('\n'))
      return [
        exactly(`requests lost in ${RESTARTS} restarts`, lost.length, 0),
        exactly('processes that did not end well', badEnds.length, 0),
      ]
    }),
}
