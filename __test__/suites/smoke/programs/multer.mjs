// A form with files in memory and on disk, and one that is too large.
import assert from 'node:assert'
import express from 'express'
import multer from 'multer'
import { ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const app = express()
const upload = multer({ limits: { fileSize: 1_000_000 } })
app.post('/', upload.single('file'), (req, res) => {
  res.json({ name: req.body.name, file: req.file.originalname, size: req.file.size })
})
app.use((error, _req, res, _next) => res.status(413).send(error.code))
const server = createServer(app)
const url = await listening(server)
const send = (size) => {
  const body = new FormData()
  body.set('name', 'a')
  body.set('file', new Blob([new Uint8Array(size)]), 'zeros.bin')
  return ask(url, { method: 'POST', body })
}
const stored = await send(900_000)
assert.deepStrictEqual(JSON.parse(stored.text), { name: 'a', file: 'zeros.bin', size: 900_000 })
const large = await send(1_000_001)
assert.deepStrictEqual([large.status, large.text], [413, 'LIMIT_FILE_SIZE'])
await finished(server)
