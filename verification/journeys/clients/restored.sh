#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Answers in which the real values come back, as the vendors' packages read them: whole and streamed, in each content encoding, over
# HTTP/1.1 and HTTP/2. The text that a package puts together is the text with the values, its end and its usage are the service's.
. "$(dirname "$0")/lib.sh"
export CLIENTS_NPM

# restored NAME PATH ENCODING VERSION FINISH COMMAND …: one prompt that the service repeats, with a key and a private key of several
# lines, each of them twice. The command prints {"text", "finish", "tokens"}.
restored() {
  local name=$1 path=$2 encoding=$3 version=$4 finish=$5 marker key pem text from out problems
  shift 5
  marker=$(random_from a-z 12)
  key=$(made_up_key)
  pem=$(openssl genpkey -algorithm ed25519)
  text=$(printf 'Key %s, "%s" – ünï 😀 `%s`\n%s\n| again | %s | %s' "$key" "$key" "$key" "$pem" "$key" "$pem")
  from=$(log_mark)
  out=$(timeout "$TURN_LIMIT" "$@" "About $marker: {{say $text}}" 2>"$HOME/err" </dev/null)
  problems=$(printf '%s' "$out" | python3 "$CLIENTS/oracle.py" - restored "$text" "$finish" 15)
  problems=$problems$(oracle redacted "$from" "$marker" "$key" '[SECRET-1]')
  problems=$problems$(oracle leaked "$from" "$(sed -n 2p <<<"$pem" | tail -c 33)")
  problems=$problems$(oracle version "$from" "$HOST" "$path" "$version")
  # A restored answer leaves us uncompressed; what matters is that the service had compressed it.
  problems=$problems$(oracle answered "$from" "$path" "$encoding")
  check_guard "$name, $encoding, HTTP/$version" "$problems" 'no placeholder' 'the value arrived' 'the private key arrived'
}

private_home restored
HOST=api.openai.com
for encoding in identity gzip br; do
  export ACCEPT=$encoding
  for form in json stream; do
    restored "node openai chat $form" /v1/chat/completions $encoding 1.1 stop "$NODE" "$CLIENTS/restored.mjs" chat $form
    restored "node openai responses $form" /v1/responses $encoding 1.1 completed "$NODE" "$CLIENTS/restored.mjs" responses $form
    HOST=api.anthropic.com restored "node anthropic $form" /v1/messages $encoding 1.1 end_turn "$NODE" "$CLIENTS/restored.mjs" messages $form
  done
done

export ACCEPT=gzip
for version in 1.1 2; do
  export VERSION=$version
  arrives=${version/#2/2.0}
  for form in json stream; do
    python=("$CLIENTS_PY/bin/python" "$CLIENTS/restored.py")
    restored "python openai chat $form" /v1/chat/completions gzip "$arrives" stop "${python[@]}" chat $form
    restored "python openai responses $form" /v1/responses gzip "$arrives" completed "${python[@]}" responses $form
    HOST=api.anthropic.com restored "python anthropic $form" /v1/messages gzip "$arrives" end_turn "${python[@]}" messages $form
  done
  export ACCEPT=br
  for form in json stream; do
    restored "curl chat $form" /v1/chat/completions br "$arrives" stop "${python[@]}" curl $form
  done
  export ACCEPT=gzip
done
