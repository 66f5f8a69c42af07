// SPDX-License-Identifier: Apache-2.0
// The server's side of WebSocket (RFC 6455), text messages only, no extensions: enough to play an AI service.
import { createHash } from 'node:crypto'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11' // RFC 6455 §1.3

/** Answers the upgrade, then calls `onMessage(text, send)` for each message. */
export function acceptWebSocket(request, socket, head, onMessage) {
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + GUID).digest('base64')
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
  let pending = head
  let message = []
  const read = data => {
    pending = Buffer.concat([pending, data])
    for (let frame; (frame = cut(pending)) !== null;) {
      pending = pending.subarray(frame.length)
      if (frame.opcode === 8) { socket.write(encode(8, frame.payload)); socket.end(); return }
      if (frame.opcode === 9) socket.write(encode(10, frame.payload))
      if (frame.opcode > 2) continue
      message.push(frame.payload)
      if (frame.fin) {
        const text = Buffer.concat(message).toString('utf8')
        message = []
        onMessage(text, reply => socket.write(encode(1, Buffer.from(reply))))
      }
    }
  }
  socket.on('data', read)
  socket.on('error', () => {})
  if (head.length) read(Buffer.alloc(0))
}

function cut(bytes) {
  if (bytes.length < 2) return null
  let length = bytes[1] & 0x7f
  let at = 2
  if (length === 126) {
    if (bytes.length < 4) return null
    length = bytes.readUInt16BE(2)
    at = 4
  } else if (length === 127) {
    if (bytes.length < 10) return null
    length = Number(bytes.readBigUInt64BE(2))
    at = 10
  }
  const masked = (bytes[1] & 0x80) !== 0
  if (bytes.length < at + (masked ? 4 : 0) + length) return null
  const mask = masked ? bytes.subarray(at, at + 4) : Buffer.alloc(4)
  if (masked) at += 4
  const payload = Buffer.from(bytes.subarray(at, at + length))
  for (let i = 0; i < payload.length; i++) payload[i] ^= mask[i & 3]
  return { fin: (bytes[0] & 0x80) !== 0, opcode: bytes[0] & 15, payload, length: at + length }
}

function encode(opcode, payload) {
  const head = payload.length < 126 ? Buffer.from([0x80 | opcode, payload.length])
    : payload.length < 65536 ? Buffer.from([0x80 | opcode, 126, payload.length >> 8, payload.length & 255])
      : Buffer.concat([Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0]), u32(payload.length)])
  return Buffer.concat([head, payload])
}

function u32(n) {
  const b = Buffer.alloc(4)
  b.writeUInt32BE(n)
  return b
}
