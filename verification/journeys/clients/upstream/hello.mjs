// SPDX-License-Identifier: Apache-2.0
// Reads a raw TLS ClientHello (RFC 8446 §4.1.2): what a peer offers, before any TLS library has touched it.

/** Length of the record that holds the hello, or 0 while bytes are missing. -1: not a TLS handshake. */
export function helloLength(bytes) {
  if (bytes.length < 5) return 0
  if (bytes[0] !== 22) return -1
  const length = 5 + bytes.readUInt16BE(3)
  return bytes.length >= length ? length : 0
}

const isGrease = v => (v & 0x0f0f) === 0x0a0a && v >> 8 === (v & 0xff) // RFC 8701

/** @returns {{sni: string, alpn: string[]|null, groups: number[], keyShares: number[], versions: number[], print: string}} */
export function parseHello(record) {
  const hello = { sni: '', alpn: null, groups: [], keyShares: [], versions: [], print: '' }
  let at = 5 + 4 // record header, handshake header
  const u16 = () => { at += 2; return record.readUInt16BE(at - 2) }
  const legacy = u16()
  at += 32 // random
  at += 1 + record[at] // session id
  const ciphers = numbers(record, at + 2, u16())
  at += ciphers.length * 2
  at += 1 + record[at] // compression methods
  const extensions = []
  const end = at + 2 + record.readUInt16BE(at)
  at += 2
  while (at + 4 <= end) {
    const type = u16()
    const length = u16()
    const body = record.subarray(at, at + length)
    at += length
    extensions.push(type)
    if (type === 0 && length > 5) hello.sni = body.toString('latin1', 5, 5 + body.readUInt16BE(3))
    if (type === 10) hello.groups = numbers(body, 2, body.readUInt16BE(0)).filter(g => !isGrease(g))
    if (type === 43) hello.versions = numbers(body, 1, body[0]).filter(v => !isGrease(v))
    if (type === 16) hello.alpn = names(body)
    if (type === 51) hello.keyShares = shares(body).filter(g => !isGrease(g))
  }
  // Order-free: Chromium and BoringSSL shuffle extensions on purpose.
  const clean = list => list.filter(v => !isGrease(v))
  hello.print = [legacy, clean(ciphers).join('-'), clean(extensions).sort((a, b) => a - b).join('-'), hello.groups.join('-')].join(',')
  return hello
}

function numbers(bytes, from, length) {
  const out = []
  for (let i = from; i + 1 < from + length; i += 2) out.push(bytes.readUInt16BE(i))
  return out
}

function names(body) {
  const out = []
  for (let i = 2; i < body.length; i += 1 + body[i]) out.push(body.toString('latin1', i + 1, i + 1 + body[i]))
  return out.filter(n => n.length !== 2 || !isGrease(n.charCodeAt(0) << 8 | n.charCodeAt(1)))
}

function shares(body) {
  const out = []
  for (let i = 2; i + 4 <= body.length; i += 4 + body.readUInt16BE(i + 2)) out.push(body.readUInt16BE(i))
  return out
}
