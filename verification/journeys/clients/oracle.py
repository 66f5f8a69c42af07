# SPDX-License-Identifier: Apache-2.0
"""Judges what the stand-in received. Prints the problems, one after the other, or nothing when all is as it should be.

    oracle.py LOG allowed  FROM MARKER [SENT]          arrived; the bytes of file SENT, when given, are the body that arrived
    oracle.py LOG redacted FROM MARKER VALUE PLACEHOLDER   arrived without VALUE, with PLACEHOLDER
    oracle.py LOG refused  FROM MARKER VALUE           nothing of it arrived
    oracle.py LOG stable   FROM MARKER TURNS           an Anthropic session: each request resends the turns before it unchanged
    oracle.py LOG messages FROM TURNS                  that many prompts came as WebSocket messages
    oracle.py LOG version  FROM HOST PATH VERSION      every such request came in this HTTP version
    oracle.py LOG posted   FROM HOST PATH VERSION ENCODING   requests with a body came so, and some came
    oracle.py LOG by_websocket FROM MARKER             it came as a WebSocket message and not otherwise
    oracle.py LOG answered FROM PATH ENCODING          every answer to such a request went out in this content encoding
    oracle.py LOG numbered FROM HIGHEST                that many different placeholders [SECRET-n] arrived, counted from 1
    oracle.py LOG leaked FROM VALUE                    nothing of a private key arrived
    oracle.py LOG hello_print FROM                     fingerprints of the ClientHellos that arrived since
    oracle.py LOG offered  FROM HOST OFFER             the hellos' ALPN
    oracle.py LOG key_share FROM HOST GROUP            each hello has a key share of this group
    oracle.py -   restored TEXT FINISH TOKENS          a client's {"text", "finish", "tokens"} on standard input
    oracle.py -   coded    CODE                        events on standard input -> how many had this code, repeats included
    oracle.py -   refusals                             events on standard input -> one JSON object
    oracle.py -   once     BEFORE AFTER PROMPTS        PROMPTS new refusals and no repeat between two such objects
    oracle.py -   card                                 a made-up card number with a right check digit

FROM is the number of log lines to skip. Texts are searched in raw, JSON-unescaped, URL-decoded and base64-decoded form.
"""
import base64
import json
import random
import re
import sys
import urllib.parse

PIECE = 8  # a leak is any piece of this many characters


def entries(log, start):
    with open(log, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            entry = json.loads(line) if number >= start else {}
            if entry.get("t") in ("request", "ws"):
                entry["bytes"] = base64.b64decode(entry["body"])
                yield entry


def strings(value):
    if isinstance(value, str):
        yield value
        if value[:1] in ("{", "["):
            try:
                yield from strings(json.loads(value))
            except ValueError:
                pass
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def views(entry):
    """Every reading of one request or message, as one text."""
    raw = entry["bytes"].decode("utf-8", "replace")
    found = [raw, raw.encode("utf-8").decode("latin-1"), entry.get("path", ""), json.dumps(entry.get("headers", {}))]
    try:
        found += strings(json.loads(raw))
    except ValueError:
        pass
    found.append(urllib.parse.unquote_plus(raw + entry.get("path", "")))
    for run in re.findall(r"[A-Za-z0-9+/_-]{16,}={0,2}", raw):
        try:
            found.append(base64.b64decode(run.replace("-", "+").replace("_", "/") + "==").decode("latin-1"))
        except ValueError:
            pass
    return "\0".join(found)


def hellos(log, start):
    with open(log, encoding="utf-8") as lines:
        return [e for n, e in enumerate(map(json.loads, lines)) if n >= int(start) and e["t"] == "hello"]


def hello_print(log, start):
    """The distinct fingerprints of the hellos since; resumption and padding, which vary by themselves, left out."""
    varying = {"21", "35", "41", "42"}  # padding, session_ticket, pre_shared_key, early_data
    prints = set()
    for hello in hellos(log, start):
        version, ciphers, extensions, groups = hello["print"].split(",")
        kept = "-".join(e for e in extensions.split("-") if e not in varying)
        prints.add(",".join([version, ciphers, kept, groups, "+".join(hello["alpn"] or [])]))
    yield " ".join(sorted(prints))


def offered(log, start, host, wanted):
    """`wanted`: protocols joined by +, `absent` for a hello without ALPN, `nothing` for no hello with any, or none at all."""
    offers = {"absent" if h["alpn"] is None else "+".join(h["alpn"]) for h in hellos(log, start) if h["sni"] == host}
    if wanted == "nothing":
        if offers - {"absent"}:
            yield "the upstream saw %s; " % sorted(offers)
    elif offers != {wanted}:
        yield "the upstream saw %s; " % (sorted(offers) or "no hello")


def key_share(log, start, host, group):
    seen = [h for h in hellos(log, start) if h["sni"] == host]
    if not seen or not all(int(group) in h["keyShares"] and int(group) in h["groups"] for h in seen):
        yield "groups and shares the upstream saw: %s" % [(h["groups"], h["keyShares"]) for h in seen]


def leaks(text, value):
    return any(value[i : i + PIECE] in text for i in range(len(value) - PIECE + 1))


def messages(log, start, turns):
    prompts = [e for e in entries(log, int(start)) if e["t"] == "ws" and b'"generate":false' not in e["bytes"]]
    if len(prompts) < int(turns):
        yield "only %d of %s WebSocket messages arrived; " % (len(prompts), turns)


def version(log, start, host, path, wanted):
    used = {e["version"] for e in entries(log, int(start)) if e.get("host") == host and e.get("path") == path}
    if used != {wanted}:
        yield "HTTP versions used: %s" % sorted(used)


def posted(log, start, host, path, wanted, encoding):
    ways = {
        (e["version"], e["encoding"])
        for e in entries(log, int(start))
        if e.get("host") == host and e.get("path", "").split("?")[0] == path and e.get("method") == "POST"
    }
    if ways != {(wanted, encoding)}:
        yield "came as %s" % sorted(ways)


def by_websocket(log, start, marker):
    ways = {e["t"] for e in entries(log, int(start)) if marker in views(e)}
    if ways != {"ws"}:
        yield "arrived by %s" % (sorted(ways) or "nothing")


def allowed(log, start, marker, sent=""):
    arrived = [e for e in entries(log, int(start)) if marker in views(e)]
    if not arrived:
        yield "the message did not arrive"
    elif len(arrived) > 1:
        yield "it arrived %d times" % len(arrived)
    if arrived and sent:
        with open(sent, "rb") as file:
            body = file.read()
        if not any(e["bytes"] == body for e in arrived):
            yield "the body differs from what the client sent (%d bytes)" % len(body)


def redacted(log, start, marker, value, placeholder):
    everything = [(e, views(e)) for e in entries(log, int(start))]
    arrived = [text for _, text in everything if marker in text]
    if not arrived:
        yield "the message did not arrive"
    elif not any(placeholder in text for text in arrived):
        yield "no placeholder " + placeholder + " arrived"
    for entry, text in everything:
        if leaks(text, value):
            yield "the value arrived at %s" % entry.get("path", "?").split("?")[0]


def refused(log, start, marker, value):
    for entry in entries(log, int(start)):
        text = views(entry)
        if marker in text or leaks(text, value):
            yield "part of the message arrived at %s%s" % (entry.get("host", ""), entry.get("path", "?").split("?")[0])


def leaked(log, start, value):
    if any(leaks(views(entry), value) for entry in entries(log, int(start))):
        yield "the private key arrived; "


def answered(log, start, path, wanted):
    with open(log, encoding="utf-8") as lines:
        answers = [e for n, e in enumerate(map(json.loads, lines)) if n >= int(start) and e["t"] == "answer"]
    used = {e["encoding"] for e in answers if e["path"].split("?")[0] == path}
    if used != {wanted}:
        yield "answers went out in %s, not %s; " % (sorted(used), wanted)


def numbered(log, start, highest):
    numbers = {int(n) for e in entries(log, int(start)) for n in re.findall(r"\[SECRET-(\d+)\]", views(e))}
    if numbers != set(range(1, int(highest) + 1)):
        yield "placeholders %s arrived; " % sorted(numbers)


def restored(text, finish, tokens):
    said = sys.stdin.read()
    try:
        said = json.loads(said)
    except ValueError:
        yield "the client says: %s; " % said[-300:]
        return
    if said["text"] != text:
        yield "the text differs: %d characters, wanted %d; " % (len(said["text"]), len(text))
    if "[SECRET" in said["text"]:
        yield "a placeholder is in the text; "
    if said["finish"] != finish:
        yield "it ended as %s; " % said["finish"]
    if said["tokens"] != int(tokens):
        yield "%s tokens counted; " % said["tokens"]


CACHE_MARK = re.compile(r',"cache_control":\{[^{}]*\}')  # Claude Code moves it to the newest turn by itself


def raw_turns(body):
    """The members of `messages` as they were written, byte for byte, without cache marks."""
    text = body.decode("utf-8")
    decoder = json.JSONDecoder()
    at = text.index('"messages":[') + len('"messages":[')
    turns = []
    while text[at] != "]":
        _, end = decoder.raw_decode(text, at)
        turns.append(CACHE_MARK.sub("", text[at:end]))
        at = end + 1 if text[end] == "," else end
    return turns


def stable(log, start, marker, turns):
    sessions = []
    for entry in entries(log, int(start)):
        if entry.get("path", "").split("?")[0].endswith("/messages") and marker in entry["bytes"].decode():
            sessions.append(raw_turns(entry["bytes"]))
    if len(sessions) < int(turns):
        yield "only %d of %s requests arrived" % (len(sessions), turns)
    for number, (before, after) in enumerate(zip(sessions, sessions[1:]), 2):
        if len(after) <= len(before) or after[: len(before)] != before:
            yield "request %d resends an earlier turn with other bytes" % number


def coded(code):
    events = [json.loads(line) for line in sys.stdin]
    return sum(1 + e["repeats"] for e in events if e.get("code") == code)


def refusals():
    seen = {}
    for line in sys.stdin:
        event = json.loads(line)
        if event["outcome"] == "BLOCKED":
            seen[event["id"]] = [event["service"] + "/" + event["endpoint"], event["rule"], event["repeats"]]
    return json.dumps(seen)


def once(before, after, prompts):
    old, new = json.loads(before), json.loads(after)
    fresh = {k: v for k, v in new.items() if k not in old}
    if len(fresh) != int(prompts):
        yield "%d refusals, expected %s: %s" % (len(fresh), prompts, sorted(v[0] + " " + v[1] for v in fresh.values()))
    again = [v for k, v in new.items() if v[2] > old.get(k, [0, 0, 0])[2]]
    if again:
        yield "sent again: %s" % again


def card():
    digits = [4] + [random.randrange(10) for _ in range(14)]
    total = sum(d if i % 2 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits))
    return "".join(map(str, digits)) + str(-total % 10)


if __name__ == "__main__":
    command, arguments = sys.argv[2], sys.argv[3:]
    if command == "card":
        print(card())
    elif command == "restored":
        print("".join(restored(*arguments)), end="")
    elif command == "coded":
        print(coded(*arguments))
    elif command == "refusals":
        print(refusals())
    elif command == "once":
        print("; ".join(once(*arguments)), end="")
    else:
        print("; ".join(globals()[command](sys.argv[1], *arguments)), end="")
