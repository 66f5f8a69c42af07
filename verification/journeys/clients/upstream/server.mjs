// SPDX-License-Identifier: Apache-2.0
// A stand-in for every AI service, written with Node's own modules only (nothing of Chaperone): TLS with ALPN, HTTP/1.1, HTTP/2,
// WebSocket. Logs what arrives, one JSON line each: {t: hello|request|ws, …}. Bodies are base64, decoded from content-encoding.
//
//   node server.mjs --cert chain.pem --key key.pem --log FILE --files DIR      prints "ready PORT"
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import { join, normalize } from 'node:path'
import { parseArgs } from 'node:util'
import zlib from 'node:zlib'
import { answer, answerFrame } from './answers.mjs'
import { helloLength, parseHello } from './hello.mjs'
import { acceptWebSocket } from './websocket.mjs'

const { values: options } = parseArgs({
  options: { cert: { type: 'string' }, key: { type: 'string' }, log: { type: 'string' }, files: { type: 'string' }, port: { type: 'string', default: '0' } }
})
const log = entry => appendFileSync(options.log, JSON.stringify(entry) + '\n')

/** Real catalogue names, so that they are opened, which speak one protocol only; every other name speaks both. */
const SPEAKS = { 'api.mistral.ai': 'h1', 'api.groq.com': 'h2', 'api.cohere.com': 'none' }

const pair = { cert: readFileSync(options.cert), key: readFileSync(options.key) }
const servers = {
  both: http2.createSecureServer({ ...pair, allowHTTP1: true }, handle),
  h2: http2.createSecureServer(pair, handle),
  h1: https.createServer({ ...pair, ALPNProtocols: ['http/1.1'] }, handle),
  none: https.createServer(pair, handle)
}
delete servers.none.ALPNProtocols // Node offers http/1.1 unless told otherwise

for (const server of Object.values(servers)) {
  server.on('secureConnection', socket => {
    log({ t: 'tls', sni: socket.servername || '', chosen: socket.alpnProtocol || null, version: socket.getProtocol() })
  })
  server.on('sessionError', () => {})
  server.on('tlsClientError', (e, socket) => log({ t: 'tls-error', sni: socket.servername || '', code: e.code ?? '' }))
  server.on('upgrade', (request, socket, head) => {
    record(request, Buffer.alloc(0))
    if (request.headers.host.startsWith('chatgpt.com') && request.url.includes('/codex/')) { // its client then posts
      return socket.end('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    }
    acceptWebSocket(request, socket, head, (text, send) => {
      log({ t: 'ws', host: request.headers.host, path: request.url, body: Buffer.from(text).toString('base64') })
      for (const frame of answerFrame(text)) send(frame)
    })
  })
}

/** Reads the hello before any TLS library sees it, then passes the bytes on, unchanged, to the server of that name. */
const front = net.createServer(socket => {
  let seen = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  const peek = data => {
    seen = Buffer.concat([seen, data])
    const length = helloLength(seen)
    if (length === 0) return
    socket.removeListener('data', peek)
    socket.pause()
    if (length < 0) return socket.destroy()
    const hello = parseHello(seen)
    log({ t: 'hello', ...hello })
    const server = net.connect(servers[SPEAKS[hello.sni] ?? 'both'].address().port, '127.0.0.1')
    server.on('error', () => socket.destroy())
    socket.on('close', () => server.destroy())
    server.on('close', () => socket.destroy())
    server.write(seen)
    socket.pipe(server)
    server.pipe(socket)
  }
  socket.on('data', peek)
})

const DECODERS = { gzip: zlib.gunzipSync, deflate: zlib.inflateSync, br: zlib.brotliDecompressSync, zstd: zlib.zstdDecompressSync }

function record(request, raw) {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  let body = raw
  try { body = DECODERS[encoding]?.(raw) ?? raw } catch { /* logged as it came */ }
  const host = request.headers[':authority'] ?? request.headers.host ?? ''
  log({
    t: 'request', host, version: request.httpVersion, method: request.method, path: request.url,
    headers: request.headers, encoding, length: raw.length, body: body.toString('base64')
  })
  return { host: host.replace(/:\d+$/, ''), method: request.method, path: request.url, headers: request.headers, body }
}

function handle(request, response) {
  const chunks = []
  request.on('data', c => chunks.push(c))
  request.on('error', () => {})
  request.on('end', () => {
    const seen = record(request, Buffer.concat(chunks))
    const reply = file(seen) ?? { ...answer(seen), compress: true }
    send(seen, reply, response).catch(() => response.destroy())
  })
}

const ENCODERS = {
  br: [zlib.createBrotliCompress, zlib.constants.BROTLI_OPERATION_FLUSH],
  gzip: [zlib.createGzip, zlib.constants.Z_SYNC_FLUSH]
}

/** Sends an answer piece by piece, compressed where the client lets us, as the services do. */
async function send(seen, reply, response) {
  const accepted = (seen.headers['accept-encoding'] ?? '').split(/[, ]+/)
  const encoding = reply.compress ? Object.keys(ENCODERS).find(e => accepted.includes(e)) : undefined
  log({ t: 'answer', path: seen.path, encoding: encoding ?? 'identity' })
  response.writeHead(reply.status ?? 200, { 'content-type': reply.type, ...(encoding && { 'content-encoding': encoding }), ...reply.headers })
  let out = response
  if (encoding) {
    const [create, flush] = ENCODERS[encoding]
    out = create({ flush })
    out.pipe(response)
  }
  for (const part of reply.parts) {
    out.write(part)
    await new Promise(setImmediate)
  }
  out.end()
}

/** Files of hosts that are no AI service: a git repository, package registries, a bank. */
function file({ host, path }) {
  const name = normalize(path.split('?')[0])
  for (const folder of [join(options.files, host), join(options.files, 'any')]) {
    for (const candidate of [join(folder, name), join(folder, name, 'index.html'), join(folder, name, 'index.json')]) {
      if (existsSync(candidate) && statSync(candidate).isFile()) {
        const type = candidate.endsWith('.html') ? 'text/html; charset=utf-8' : candidate.endsWith('.json') ? 'application/json' : 'application/octet-stream'
        return { type, parts: [readFileSync(candidate)] }
      }
    }
  }
  return null
}

const listening = (server, port) => new Promise(resolve => server.listen(port, '127.0.0.1', resolve))
await Promise.all([...Object.values(servers).map(server => listening(server, 0)), listening(front, Number(options.port))])
console.log(`ready ${front.address().port}`)
process.on('SIGTERM', () => process.exit(0))
