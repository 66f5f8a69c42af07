// SPDX-License-Identifier: Apache-2.0
// What the stand-in answers: the shapes that OpenAI, Anthropic, Gemini, Copilot and ChatGPT's page use, always the same text.
// A prompt that holds [[read FILE FILE …]] gets one call of the tool Read per file, then the text. One that holds
// [[copy FROM TO]] gets FROM read, the key that was seen there written to TO, and the key in the text. One that holds
// {{say TEXT}} gets TEXT as it arrived, a few characters an event.
export const TEXT = 'The stand-in understood you.'

const json = (value, status = 200) => ({ status, type: 'application/json', parts: [JSON.stringify(value)] })
const sse = events => ({ type: 'text/event-stream; charset=utf-8', headers: { 'cache-control': 'no-cache' }, parts: events })
const event = value => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`
const data = value => `data: ${JSON.stringify(value)}\n\n`
const now = () => Math.floor(Date.now() / 1000)
let serial = 0

/** @param seen {host, method, path, headers, body: Buffer} @returns {status?, type, headers?, parts: string[]} */
export function answer(seen) {
  const path = seen.path.split('?')[0]
  const ask = parse(seen.body)
  if (seen.method === 'GET' && path.endsWith('/models')) return models()
  if (path.endsWith('/wham/accounts/check')) return json(CHATGPT_ACCOUNTS)
  if (path === '/copilot_internal/user') return json(COPILOT_USER)
  if (path === '/models/session') return json({ available_models: ['gpt-5-mini'], selected_model: 'gpt-5-mini', session_token: 'made-up', expires_at: now() + 3600 })
  if (path.endsWith('/chat/completions')) return chat(ask)
  if (path.endsWith('/count_tokens')) return json({ input_tokens: 12 })
  if (path.endsWith('/messages')) return messages(ask)
  if (path.endsWith('/responses')) return ask.stream ? sse(responseEvents(ask).map(event)) : json(responseEvents(ask).at(-1).response)
  if (/:(stream)?[gG]enerateContent$/.test(path)) return gemini(ask, path)
  if (path.endsWith(':loadCodeAssist')) return json({ currentTier: { id: 'standard-tier', name: 'Journey' }, cloudaicompanionProject: 'made-up-project' })
  if (path.endsWith(':countTokens')) return json({ totalTokens: 12 })
  if (path.endsWith('/conversation')) return chatgptPage(ask)
  if (seen.method === 'POST') return json({})
  return json({ error: { message: 'the stand-in does not know this path' } }, 404)
}

/** Frames that answer one WebSocket message of the Responses API. */
export function answerFrame(text) {
  const ask = parse(Buffer.from(text))
  return ask.type === 'response.create' ? responseEvents(ask).map(e => JSON.stringify(e)) : []
}

function parse(body) {
  try { return JSON.parse(body.toString('utf8')) ?? {} } catch { return {} }
}

/** The files that a prompt asks to be read, and how many were. */
function nextRead(messages) {
  const texts = JSON.stringify(messages ?? [])
  const wanted = /\[\[read ([^\]]+)\]\]/.exec(texts)?.[1].split(' ') ?? []
  const done = new Set(texts.match(/"tool_use_id":"[^"]+"/g) ?? []).size
  return wanted[done]
}

/** Every text below a value, in order. */
const textsOf = value => typeof value === 'string' ? [value] : value && typeof value === 'object' ? Object.values(value).flatMap(textsOf) : []

/** What a prompt's last {{say …}} asks for, or the text. */
const said = turns => textsOf(turns).map(t => /\{\{say ([^]*?)\}\}/.exec(t)?.[1]).findLast(t => t) ?? TEXT

/**
 * The next step of [[copy FROM TO]], as a model would take it with what it was told: a file to read, a file to write, or a text.
 * @param results what its tools brought so far
 */
function nextCopy(turns, results) {
  const task = /\[\[copy (\S+) (\S+)\]\]/.exec(textsOf(turns).join('\n'))
  if (!task) return null
  if (results.length === 0) return { read: task[1] }
  const key = /aws_access_key_id = (\[?[A-Z0-9-]+\]?)/.exec(textsOf(results[0]).join('\n'))?.[1]
  return results.length === 1 ? { write: task[2], content: `TOKEN=${key}\n` } : { text: `${TEXT} The key is ${key}.` }
}

/** What Anthropic's model does next: {name, input} of a tool, or {text}. */
function nextMessage(ask) {
  const tools = (ask.tools ?? []).map(t => t.name)
  if (!tools.includes('Read')) return { text: said(ask.messages) }
  const results = (ask.messages ?? []).flatMap(m => Array.isArray(m.content) ? m.content : []).filter(c => c.type === 'tool_result')
  const copy = nextCopy(ask.messages, results)
  const file = copy?.read ?? nextRead(ask.messages)
  if (file !== undefined) return { name: 'Read', input: { file_path: file } }
  return copy?.write ? { name: 'Write', input: { file_path: copy.write, content: copy.content } } : { text: copy?.text ?? said(ask.messages) }
}

function messages(ask) {
  const next = nextMessage(ask)
  const content = next.text !== undefined ? { type: 'text', text: next.text }
    : { type: 'tool_use', id: `toolu_${String(++serial).padStart(20, '0')}`, ...next }
  const stop = next.text !== undefined ? 'end_turn' : 'tool_use'
  const message = { id: `msg_${++serial}`, type: 'message', role: 'assistant', model: ask.model, content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 10, output_tokens: 1 } }
  if (!ask.stream) return json({ ...message, content: [content], stop_reason: stop, usage: { input_tokens: 10, output_tokens: 5 } })
  const start = content.type === 'text' ? { type: 'text', text: '' } : { ...content, input: {} }
  const deltas = content.type === 'text' ? pieces(content.text).map(text => ({ type: 'text_delta', text }))
    : pieces(JSON.stringify(content.input)).map(partial_json => ({ type: 'input_json_delta', partial_json }))
  return sse([
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: start },
    ...deltas.map(delta => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: 5 } },
    { type: 'message_stop' }
  ].map(event))
}

/** A few characters each: a placeholder is cut somewhere else every time. */
const pieces = text => text.match(/[^]{1,5}/gu)

function chat(ask) {
  const base = { id: `chatcmpl-${++serial}`, created: now(), model: ask.model ?? 'gpt-5-mini' }
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
  const text = said(ask.messages)
  if (!ask.stream) {
    return json({ ...base, object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }], usage })
  }
  const chunk = (delta, finish = null) => data({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })
  return sse([chunk({ role: 'assistant', content: '' }), ...pieces(text).map(content => chunk({ content })), chunk({}, 'stop'),
    data({ ...base, object: 'chat.completion.chunk', choices: [], usage }), 'data: [DONE]\n\n'])
}

/** Files still to be read, by conversation: over WebSocket Codex sends only what is new. */
const unread = new Map()

/** A call of Codex's tool `exec`, or null. */
function nextExec(ask) {
  const command = nextCommand(ask)
  return command === null ? null
    : { type: 'custom_tool_call', id: `ctc_${++serial}`, call_id: `call_${serial}`, status: 'completed', name: 'exec', input: `text(await tools.exec_command({cmd: ${JSON.stringify(command)}}))` }
}

const copyStep = ask => Array.isArray(ask.input) ? nextCopy(ask.input, ask.input.filter(i => i.type === 'custom_tool_call_output')) : null

function nextCommand(ask) {
  const copy = copyStep(ask)
  if (copy) return copy.read ? `cat ${copy.read}` : copy.write ? `printf '%s' '${copy.content}' >${copy.write}` : null
  const conversation = ask.prompt_cache_key
  const wanted = /\[\[read ([^\]]+)\]\]/.exec(JSON.stringify(ask.input ?? ''))
  if (wanted) unread.set(conversation, wanted[1].split(' '))
  const next = ask.generate === false ? undefined : unread.get(conversation)?.shift()
  return next === undefined ? null : `cat ${next}`
}

function responseEvents(ask) {
  const call = nextExec(ask)
  const id = `resp_${++serial}`
  const usage = { input_tokens: 10, input_tokens_details: { cached_tokens: 0 }, output_tokens: 5, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 15 }
  const text = copyStep(ask)?.text ?? said(ask.input)
  const part = { type: 'output_text', text, annotations: [] }
  const item = { type: 'message', id: `msg_${serial}`, status: 'completed', role: 'assistant', content: [part] }
  const response = { id, object: 'response', created_at: now(), status: 'in_progress', model: ask.model ?? 'gpt-5', output: [], error: null, parallel_tool_calls: true, tools: [] }
  const place = { item_id: item.id, output_index: 0, content_index: 0 }
  const events = ask.generate === false ? [] : call ? [
    { type: 'response.output_item.added', output_index: 0, item: { ...call, status: 'in_progress', input: '' } },
    { type: 'response.custom_tool_call_input.done', output_index: 0, item_id: call.id, input: call.input },
    { type: 'response.output_item.done', output_index: 0, item: call }
  ] : [
    { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
    { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
    ...pieces(text).map(delta => ({ type: 'response.output_text.delta', ...place, delta })),
    { type: 'response.output_text.done', ...place, text },
    { type: 'response.content_part.done', ...place, part },
    { type: 'response.output_item.done', output_index: 0, item }
  ]
  const output = events.length ? [call ?? item] : []
  return [{ type: 'response.created', response }, ...events, { type: 'response.completed', response: { ...response, status: 'completed', output, usage } }]
    .map((e, i) => ({ ...e, sequence_number: i }))
}

function gemini(ask, path) {
  const wantsJson = (ask.request ?? ask).generationConfig?.responseMimeType === 'application/json'
  const text = wantsJson ? JSON.stringify({ reasoning: 'simple', model_choice: 'flash', complexity_reasoning: 'simple', complexity_score: 10 }) : TEXT
  const whole = t => ({
    candidates: [{ content: { role: 'model', parts: [{ text: t }] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 }, modelVersion: 'gemini-2.5-flash', responseId: `r${++serial}`
  })
  const answer = path.startsWith('/v1internal') ? { response: whole(text) } : whole(text)
  return path.includes(':stream') ? sse([data(answer)]) : json(answer)
}

function chatgptPage(ask) {
  return sse([
    'event: delta_encoding\ndata: "v1"\n\n',
    'event: delta\n' + data({ p: '', o: 'add', v: { message: { id: 'm1', author: { role: 'assistant' }, content: { content_type: 'text', parts: [''] } }, conversation_id: '6710a1b2-0000-8000-a000-00000000c0de' }, c: 0 }),
    ...pieces(said(ask.messages)).map(v => 'event: delta\n' + data({ p: '/message/content/parts/0', o: 'append', v })),
    'data: [DONE]\n\n'
  ])
}

function models() {
  const capabilities = {
    family: 'gpt-5-mini', object: 'model_capabilities', type: 'chat', tokenizer: 'o200k_base',
    limits: { max_context_window_tokens: 264000, max_output_tokens: 64000, max_prompt_tokens: 128000 },
    supports: { streaming: true, tool_calls: true, parallel_tool_calls: true, structured_outputs: true }
  }
  const names = ['gpt-5-mini', 'gpt-5', 'claude-sonnet-4.5', 'gpt-4.1']
  return json({
    object: 'list',
    data: names.map(id => ({
      id, object: 'model', created: 1, owned_by: 'stand-in', name: id, display_name: id, type: 'model', created_at: '2025-01-01T00:00:00Z', vendor: 'Stand-in', version: id, preview: false,
      model_picker_enabled: true, policy: { state: 'enabled', terms: '' }, billing: { is_premium: false, multiplier: 0 },
      supported_endpoints: ['/chat/completions'], capabilities: { ...capabilities, family: id }
    })),
    models: [], has_more: false
  })
}

/** Where Codex sends the prompts of an account: nowhere else. */
const CHATGPT_ACCOUNTS = {
  accounts: [{ id: 'made-up-account', name: 'Journey', structure: 'personal', workspace_backend_origin: 'NO_CONSTRAINT', account_routing_override: 'NO_CONSTRAINT' }],
  account_ordering: ['made-up-account'], default_account_id: 'made-up-account'
}

const COPILOT_USER = {
  login: 'journey', access_type_sku: 'free_educational', copilot_plan: 'individual', chat_enabled: true, assigned_date: '2025-01-01',
  can_signup_for_limited: false, organization_list: [], organization_login_list: [], analytics_tracking_id: '0', cli_enabled: true,
  endpoints: { api: 'https://api.githubcopilot.com', proxy: 'https://copilot-proxy.githubusercontent.com', telemetry: 'https://copilot-telemetry.githubusercontent.com', 'origin-tracker': 'https://origin-tracker.githubusercontent.com' },
  quota_snapshots: {}
}
