'use strict'
// Loaded before a program: New Relic, without a licence and without anybody to send to.
const { agent } = require('newrelic')

const told = []
agent.on('transactionFinished', ({ type, url, statusCode }) => {
  if (type === 'web') told.push({ path: url, status: statusCode })
})
globalThis.smokeTold = () => {
  for (const one of told) console.log(JSON.stringify(one))
}
