'use strict'
// What is watched: an Express app under a tool that was loaded before it. It asks itself, and prints what the
// tool has seen, if that is known here.
const http = require('node:http')
const express = require('express')

async function main() {
  const door = process.env.SMOKE_DOOR
  const { createServer } = door === undefined ? http : await import(door)
  const app = express()
  app.get('/fine', (_req, res) => res.send('fine'))
  app.get('/pieces', async (_req, res) => {
    res.write('a')
    await new Promise((resolve) => setImmediate(resolve))
    res.end('b')
  })
  app.get('/teapot', (_req, res) => res.sendStatus(418))
  app.get('/error', (_req, res) => res.status(500).send('error'))
  const server = createServer(app)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  for (const path of ['/fine', '/pieces', '/teapot', '/error']) {
    const options = { port: server.address().port, host: '127.0.0.1', path, agent: false }
    await new Promise((resolve, reject) => {
      http.get(options, (response) => response.resume().on('close', resolve)).on('error', reject)
    })
  }
  await new Promise((resolve) => server.close(resolve))
  await globalThis.smokeTold?.()
}

main()
