// SPDX-License-Identifier: Apache-2.0
// One turn with the npm package `openai`. argv: chat|responses, json|stream, prompt. Writes the body it sent to $SENT.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(process.env.CLIENTS_NPM + '/node_modules/')
const { default: OpenAI } = await import(pathToFileURL(require.resolve('openai')))
const [api, form, prompt] = process.argv.slice(2)
const stream = form === 'stream'
const client = new OpenAI({
  apiKey: 'made-up',
  fetch: (url, init) => { writeFileSync(process.env.SENT, init.body); return fetch(url, init) }
})

try {
  if (api === 'chat') {
    const answer = await client.chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content: prompt }], stream })
    if (!stream) console.log(answer.choices[0].message.content)
    else { for await (const chunk of answer) process.stdout.write(chunk.choices[0]?.delta?.content ?? '') }
  } else {
    const answer = await client.responses.create({ model: 'gpt-5', input: prompt, stream })
    if (!stream) console.log(answer.output_text)
    else { for await (const event of answer) if (event.type === 'response.output_text.delta') process.stdout.write(event.delta) }
  }
} catch (e) {
  console.log(`${e.constructor.name}: ${e.message}`)
  process.exitCode = 1
}
