// SPDX-License-Identifier: Apache-2.0

// Go's own verification of a server: prints accepted or rejected. Arguments: ROOT.pem NAME PORT
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

func main() {
	pem, err := os.ReadFile(os.Args[1])
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(pem) {
		fmt.Println("no root")
		os.Exit(1)
	}
	connection, err := tls.Dial("tcp", "127.0.0.1:"+os.Args[3], &tls.Config{RootCAs: roots, ServerName: os.Args[2]})
	if err != nil {
		fmt.Println("rejected")
		return
	}
	connection.Close()
	fmt.Println("accepted")
}
