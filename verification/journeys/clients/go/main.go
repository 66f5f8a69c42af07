// SPDX-License-Identifier: Apache-2.0

// One turn with Go's own TLS and HTTP. Arguments: http1|http2, prompt. Writes the body it sent to $SENT.
package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

func main() {
	body, _ := json.Marshal(map[string]any{
		"model":    "gpt-5-mini",
		"messages": []any{map[string]string{"role": "user", "content": os.Args[2]}},
	})
	if err := os.WriteFile(os.Getenv("SENT"), body, 0o600); err != nil {
		fail(err)
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: os.Args[1] == "http2"}
	want := "HTTP/2.0"
	if os.Args[1] == "http1" {
		transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
		want = "HTTP/1.1"
	}
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	answer, err := client.Post("https://api.openai.com/v1/chat/completions", "application/json", bytes.NewReader(body))
	if err != nil {
		fail(err)
	}
	defer answer.Body.Close()
	if answer.Proto != want {
		fail(fmt.Errorf("spoke %s, not %s", answer.Proto, want))
	}
	text, _ := io.ReadAll(answer.Body)
	fmt.Println(string(text))
}

func fail(err error) {
	fmt.Println("error:", err)
	os.Exit(1)
}
