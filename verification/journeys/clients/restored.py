# SPDX-License-Identifier: Apache-2.0
"""One answer as the Python packages `openai` and `anthropic` put it together, or as curl delivers it. argv: chat|responses|messages|curl,
json|stream, prompt; $ACCEPT: the content encoding to ask for, $VERSION: 1.1 or 2. Prints {"text", "finish", "tokens"}."""
import json
import os
import subprocess
import sys

HTTP2 = os.environ["VERSION"] == "2"
HEADERS = {"accept-encoding": os.environ["ACCEPT"]}


def same_text(deltas, whole):
    """The deltas that a program sees must make up the text that the package makes of them."""
    if deltas != whole:
        raise ValueError("the deltas make %d characters, the package %d" % (len(deltas), len(whole)))


def openai_client():
    import openai

    return openai.OpenAI(api_key="made-up", default_headers=HEADERS, http_client=openai.DefaultHttpxClient(http2=HTTP2))


def chat(prompt, stream):
    client = openai_client()
    ask = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": prompt}]}
    if stream:
        with client.chat.completions.stream(**ask, stream_options={"include_usage": True}) as events:
            deltas = "".join(e.delta for e in events if e.type == "content.delta")
            answer = events.get_final_completion()
        same_text(deltas, answer.choices[0].message.content)
    else:
        answer = client.chat.completions.create(**ask)
    choice = answer.choices[0]
    return choice.message.content, choice.finish_reason, answer.usage.total_tokens


def responses(prompt, stream):
    client = openai_client()
    ask = {"model": "gpt-5", "input": prompt}
    if stream:
        with client.responses.stream(**ask) as events:
            deltas = "".join(e.delta for e in events if e.type == "response.output_text.delta")
            answer = events.get_final_response()
        same_text(deltas, answer.output_text)
    else:
        answer = client.responses.create(**ask)
    return answer.output_text, answer.status, answer.usage.total_tokens


def messages(prompt, stream):
    import anthropic

    client = anthropic.Anthropic(
        api_key="made-up", default_headers=HEADERS, http_client=anthropic.DefaultHttpxClient(http2=HTTP2))
    ask = {"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": [{"role": "user", "content": prompt}]}
    if stream:
        with client.messages.stream(**ask) as events:
            deltas = "".join(events.text_stream)
            answer = events.get_final_message()
        same_text(deltas, answer.content[0].text)
    else:
        answer = client.messages.create(**ask)
    return answer.content[0].text, answer.stop_reason, answer.usage.input_tokens + answer.usage.output_tokens


def curl(prompt, stream):
    body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": prompt}], "stream": stream}
    command = ["curl", "-sS", "--http2" if HTTP2 else "--http1.1", "--compressed", "https://api.openai.com/v1/chat/completions"]
    command += ["-H", "accept-encoding: " + os.environ["ACCEPT"], "-H", "content-type: application/json"]
    answer = subprocess.run(command + ["--data-binary", "@-"], input=json.dumps(body).encode(), capture_output=True, check=True)
    if not stream:
        whole = json.loads(answer.stdout)
        return whole["choices"][0]["message"]["content"], whole["choices"][0]["finish_reason"], whole["usage"]["total_tokens"]
    events = [line[6:] for line in answer.stdout.decode().split("\n") if line.startswith("data: ")]
    if events.pop() != "[DONE]":
        raise ValueError("the stream has no end")
    events = [json.loads(e) for e in events]
    choices = [c for e in events for c in e["choices"]]
    return "".join(c["delta"].get("content", "") for c in choices), choices[-1]["finish_reason"], events[-1]["usage"]["total_tokens"]


way, form, prompt = sys.argv[1:]
try:
    print(json.dumps(dict(zip(("text", "finish", "tokens"), globals()[way](prompt, form == "stream")))))
except Exception as e:  # what a person would read of it
    print("%s: %s" % (type(e).__name__, e))
    sys.exit(1)
