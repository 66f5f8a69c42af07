// SPDX-License-Identifier: Apache-2.0
// An agent's loop on `@anthropic-ai/sdk`: calls its tool Read until the model stops asking. argv: marker, files.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(process.env.CLIENTS_NPM + '/node_modules/')
const { default: Anthropic } = await import(pathToFileURL(require.resolve('@anthropic-ai/sdk')))
const [marker, ...files] = process.argv.slice(2)
const client = new Anthropic({ apiKey: 'made-up' })
const messages = [{ role: 'user', content: `About ${marker}: [[read ${files.join(' ')}]]` }]
const tools = [{ name: 'Read', description: 'Reads a file', input_schema: { type: 'object', properties: { file_path: { type: 'string' } } } }]

for (;;) {
  const answer = await client.messages.stream({ model: 'claude-sonnet-4-5', max_tokens: 500, tools, messages }).finalMessage()
  messages.push({ role: 'assistant', content: answer.content })
  const call = answer.content.find(c => c.type === 'tool_use')
  if (!call) {
    console.log(answer.content[0].text)
    break
  }
  messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: readFileSync(call.input.file_path, 'utf8') }] })
}
