// The server of a program: node's own, which a preload may have replaced, or what SMOKE_DOOR names.
import assert from 'node:assert'
import * as http from 'node:http'

const door = process.env.SMOKE_DOOR
const under = door === undefined ? http : await import(door)

/** Makes a server as node:http does. */
export function createServer(...args) {
  const server = under.createServer(...args)
  assert.ok(server instanceof http.Server)
  if (door !== undefined && under.Server !== http.Server) assert.ok(server instanceof under.Server)
  return server
}
