const { createServer, json } = require('fasthttp')

async function main() {
  const server = createServer((req) => json({ path: req.path }))
  await server.listen(0, '127.0.0.1')
  const response = await fetch(`http://127.0.0.1:${server.address().port}/here`)
  if ((await response.json()).path !== '/here') throw new Error('wrong answer')
  await server.close()
  console.log('served')
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
