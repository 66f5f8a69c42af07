// SPDX-License-Identifier: Apache-2.0
// CONNECT, then a TLS handshake with the ALPN offer of argv: HOST none|h1|h2|both|unknown. Prints what was agreed:
// "h2", "http/1.1", "none", or "alert CODE". With an agreed h2 or an HTTP/1.1 answer it also sends one request: "… 200".
import http from 'node:http'
import http2 from 'node:http2'
import { readFileSync } from 'node:fs'
import tls from 'node:tls'

const [host, offer] = process.argv.slice(2)
const OFFERS = { none: undefined, h1: ['http/1.1'], h2: ['h2'], both: ['h2', 'http/1.1'], unknown: ['journey/1'] }
const proxy = new URL(process.env.HTTPS_PROXY)

http.request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: `${host}:443` })
  .on('connect', (_, plain) => {
    const socket = tls.connect({ socket: plain, servername: host, ca: readFileSync(process.env.AGENT_CA), ALPNProtocols: OFFERS[offer] })
    socket.setTimeout(15_000, () => done('silence'))
    socket.on('error', e => done(`alert ${e.code}`))
    socket.on('secureConnect', () => speak(socket, socket.alpnProtocol || 'none'))
  })
  .on('error', e => done(`proxy ${e.code}`))
  .end()

function speak(socket, agreed) {
  if (agreed === 'h2') {
    const session = http2.connect(`https://${host}`, { createConnection: () => socket })
    session.on('error', e => done(`${agreed} ${e.code}`))
    session.request({ ':path': '/v1/models' }).on('response', h => done(`${agreed} ${h[':status']}`)).end()
  } else {
    socket.write(`GET /v1/models HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    socket.once('data', d => done(`${agreed} ${d.toString('latin1').split(' ')[1]}`))
    socket.once('end', () => done(`${agreed} closed`))
  }
}

function done(text) {
  console.log(text)
  process.exit(0)
}
