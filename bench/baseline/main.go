// Command baseline is what Fondaco is measured beside: a plain reverse proxy, and the same jobs written by hand with
// net/http and encoding/json structs, as a careful Go programmer writes them.
//
//	baseline MODE ORIGIN LISTEN
//
// The mode durable keeps its queue in the folder STATE.
package main

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: baseline proxy|hand|durable ORIGIN LISTEN")
		os.Exit(2)
	}
	origin, err := url.Parse(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 512
	transport.MaxIdleConns = 1024
	transport.DisableCompression = true
	var handler http.Handler
	switch os.Args[1] {
	case "proxy":
		proxy := httputil.NewSingleHostReverseProxy(origin)
		proxy.Transport = transport
		handler = proxy
	case "durable":
		q, err := openQueue(os.Getenv("STATE"))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		mux := http.NewServeMux()
		mux.HandleFunc("POST /w5", q.accept(true))
		mux.HandleFunc("POST /w5publish", q.accept(false))
		handler = mux
	default:
		handler = byHand(origin.String(), &http.Client{Transport: transport, Timeout: 5 * time.Second})
	}
	server := &http.Server{Addr: os.Args[3], Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	fmt.Fprintln(os.Stderr, server.ListenAndServe())
	os.Exit(1)
}
