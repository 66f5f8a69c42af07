// SPDX-License-Identifier: Apache-2.0
// Node's own verification of a server: prints accepted or rejected. argv: ROOT.pem NAME PORT
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import tls from 'node:tls'

const [root, name, port] = process.argv.slice(2)
const socket = tls.connect({ host: '127.0.0.1', port, ca: readFileSync(root), ...(isIP(name) ? {} : { servername: name }) })
socket.on('secureConnect', () => { console.log(socket.authorized ? 'accepted' : 'rejected'); socket.destroy() })
socket.on('error', () => console.log('rejected'))
