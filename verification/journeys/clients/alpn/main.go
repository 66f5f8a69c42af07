// SPDX-License-Identifier: Apache-2.0

// Prints the key exchange that Go's TLS agreed on with the agent, as its number. Argument: host
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
)

func main() {
	proxy, _ := url.Parse(os.Getenv("HTTPS_PROXY"))
	plain, err := net.Dial("tcp", proxy.Host)
	if err != nil {
		fail(err)
	}
	fmt.Fprintf(plain, "CONNECT %s:443 HTTP/1.1\r\nHost: %s:443\r\n\r\n", os.Args[1], os.Args[1])
	answer, err := http.ReadResponse(bufio.NewReader(plain), nil)
	if err != nil || answer.StatusCode != 200 {
		fail(fmt.Errorf("CONNECT failed"))
	}
	pem, _ := os.ReadFile(os.Getenv("AGENT_CA"))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	connection := tls.Client(plain, &tls.Config{RootCAs: roots, ServerName: os.Args[1]})
	if err := connection.Handshake(); err != nil {
		fail(err)
	}
	fmt.Println(uint16(connection.ConnectionState().CurveID))
}

func fail(err error) {
	fmt.Println(err)
	os.Exit(1)
}
