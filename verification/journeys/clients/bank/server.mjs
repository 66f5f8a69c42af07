// SPDX-License-Identifier: Apache-2.0
// Serves one page under each leaf of MintLeaves. argv: folder. Prints "ready OPENED BANK IP", the three ports.
import { readFileSync } from 'node:fs'
import https from 'node:https'

const ports = []
for (const name of ['opened', 'bank', 'ip']) {
  const of = file => readFileSync(`${process.argv[2]}/${name}/${file}`)
  const server = https.createServer({ cert: of('chain.pem'), key: of('key.pem') }, (_, response) => response.end('<p>page shown</p>'))
  server.on('tlsClientError', () => {})
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  ports.push(server.address().port)
}
console.log('ready', ...ports)
