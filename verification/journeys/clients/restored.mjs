// SPDX-License-Identifier: Apache-2.0
// One answer as the npm packages `openai` and `@anthropic-ai/sdk` put it together. argv: chat|responses|messages, json|stream, prompt;
// $ACCEPT: the content encoding to ask for. Prints {text, finish, tokens}.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(process.env.CLIENTS_NPM + '/node_modules/')
const load = async name => (await import(pathToFileURL(require.resolve(name)))).default
const [api, form, prompt] = process.argv.slice(2)
const stream = form === 'stream'
const options = { apiKey: 'made-up', defaultHeaders: { 'accept-encoding': process.env.ACCEPT } }
const messages = [{ role: 'user', content: prompt }]

/** The deltas that a program sees must make up the text that the package makes of them. */
function sameText(deltas, whole) {
  if (deltas !== whole) throw new Error(`the deltas make ${deltas.length} characters, the package ${whole.length}`)
}

const ways = {
  async chat() {
    const client = new (await load('openai'))(options)
    const ask = { model: 'gpt-5-mini', messages }
    let answer
    if (stream) {
      const run = client.chat.completions.stream({ ...ask, stream_options: { include_usage: true } })
      let text = ''
      run.on('content', delta => { text += delta })
      answer = await run.finalChatCompletion()
      sameText(text, answer.choices[0].message.content)
    } else answer = await client.chat.completions.create(ask)
    return { text: answer.choices[0].message.content, finish: answer.choices[0].finish_reason, tokens: answer.usage.total_tokens }
  },
  async responses() {
    const client = new (await load('openai'))(options)
    const ask = { model: 'gpt-5', input: prompt }
    let answer
    if (stream) {
      let last = -1
      const run = client.responses.stream(ask)
      let text = ''
      for await (const event of run) {
        if (event.type === 'response.output_text.delta') text += event.delta
        if (event.sequence_number < last) throw new Error('sequence numbers go back')
        last = event.sequence_number
      }
      answer = await run.finalResponse()
      sameText(text, answer.output_text)
    } else answer = await client.responses.create(ask)
    return { text: answer.output_text, finish: answer.status, tokens: answer.usage.total_tokens }
  },
  async messages() {
    const client = new (await load('@anthropic-ai/sdk'))(options)
    const ask = { model: 'claude-sonnet-4-5', max_tokens: 100, messages }
    let answer
    if (stream) {
      const run = client.messages.stream(ask)
      let text = ''
      run.on('text', delta => { text += delta })
      answer = await run.finalMessage()
      sameText(text, answer.content[0].text)
    } else answer = await client.messages.create(ask)
    return { text: answer.content[0].text, finish: answer.stop_reason, tokens: answer.usage.input_tokens + answer.usage.output_tokens }
  }
}

try {
  console.log(JSON.stringify(await ways[api]()))
} catch (e) {
  console.log(`${e.constructor.name}: ${e.message}`)
  process.exitCode = 1
}
