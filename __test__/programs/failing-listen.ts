// Listens where somebody listens already, and hears of it in one way or in none.
import { createServer } from '../../ts/index.ts'

const [, , port, how] = process.argv
const server = createServer(() => 'ok')
const say = (error: Error): void => console.log(`heard ${error.message}`)
if (how === 'event' || how === 'both') server.on('error', say)
if (how === 'throws') {
  server.on('error', () => {
    throw new Error('boom')
  })
}
const listening = server.listen(Number(port), '127.0.0.1', () => console.log('listening'))
if (how === 'promise' || how === 'both') await listening.catch(say)
