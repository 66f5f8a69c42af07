// SPDX-License-Identifier: Apache-2.0
// One turn with the npm package `@anthropic-ai/sdk`. argv: json|stream, prompt. Writes the body it sent to $SENT.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(process.env.CLIENTS_NPM + '/node_modules/')
const { default: Anthropic } = await import(pathToFileURL(require.resolve('@anthropic-ai/sdk')))
const [form, prompt] = process.argv.slice(2)
const client = new Anthropic({
  apiKey: 'made-up',
  fetch: (url, init) => { writeFileSync(process.env.SENT, init.body); return fetch(url, init) }
})
const ask = { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: prompt }] }

try {
  if (form === 'json') console.log((await client.messages.create(ask)).content[0].text)
  else console.log(await client.messages.stream(ask).finalText())
} catch (e) {
  console.log(`${e.constructor.name}: ${e.message}`)
  process.exitCode = 1
}
