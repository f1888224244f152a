import { appendFileSync } from 'node:fs'
import http from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { counted } from './counted.ts'
import { setDefaults } from './defaults.ts'
import { createServer, Server } from './server.ts'

// node --import fasthttp/register app.js: servers that the program makes by node:http are ours.

const options = process.env['FASTHTTP_OPTIONS']
if (options !== undefined && options !== '')
  setDefaults('FASTHTTP_OPTIONS', options, (one) => createServer(one))

Object.assign(http, { createServer, Server })
syncBuiltinESMExports()

const log = process.env['FASTHTTP_REGISTER_LOG']
if (log !== undefined && log !== '') {
  process.on('exit', () => {
    const told = { pid: process.pid, ...counted }
    try {
      appendFileSync(log, `${JSON.stringify(told)}\n`)
    } catch {
      // Nobody is left to tell.
    }
  })
}
