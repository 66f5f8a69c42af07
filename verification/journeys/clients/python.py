# SPDX-License-Identifier: Apache-2.0
"""One turn with a Python client. argv: requests|httpx|openai|anthropic, prompt. Writes the body it sent to $SENT."""
import json
import os
import sys

CHAT = "https://api.openai.com/v1/chat/completions"


def keep(request):
    with open(os.environ["SENT"], "wb") as file:
        file.write(request.content)


def by_requests(ask):
    import requests

    body = json.dumps(ask).encode()
    with open(os.environ["SENT"], "wb") as file:
        file.write(body)
    answer = requests.post(CHAT, data=body, headers={"content-type": "application/json"}, timeout=30).json()
    return answer["choices"][0]["message"]["content"] if "choices" in answer else answer["error"]["message"]


def by_httpx(ask):
    import httpx

    with httpx.Client(http2=True, timeout=30, event_hooks={"request": [keep]}) as client:
        answer = client.post(CHAT, json=ask)
    if answer.http_version != "HTTP/2":
        return "not HTTP/2"
    answer = answer.json()
    return answer["choices"][0]["message"]["content"] if "choices" in answer else answer["error"]["message"]


def by_openai(ask):
    import httpx
    import openai

    client = openai.OpenAI(api_key="made-up", http_client=openai.DefaultHttpxClient(event_hooks={"request": [keep]}))
    return client.chat.completions.create(**ask).choices[0].message.content


def by_anthropic(ask):
    import anthropic

    client = anthropic.Anthropic(
        api_key="made-up", http_client=anthropic.DefaultHttpxClient(event_hooks={"request": [keep]}))
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=100, messages=ask["messages"]).content[0].text


way, prompt = sys.argv[1:]
try:
    print(globals()["by_" + way]({"model": "gpt-5-mini", "messages": [{"role": "user", "content": prompt}]}))
except Exception as e:  # what a person would read of it
    print("%s: %s" % (type(e).__name__, e))
