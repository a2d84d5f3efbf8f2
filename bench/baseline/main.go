// Command baseline is what Fondaco is measured beside: a plain reverse proxy, and the same jobs written by hand with
// net/http and encoding/json structs, as a careful Go programmer writes and tunes them: buffers are pooled, connections
// are kept, and the garbage collector runs as seldom as Fondaco's. An untuned baseline would flatter.
//
//	baseline MODE ORIGIN LISTEN
//
// The mode durable keeps its queue in the folder STATE, pgx in the database at the address STATE, kafka on TOPIC of the cluster
// KAFKA with the outcomes in that database; move brings the records of a topic of the cluster KAFKA to
// ORIGIN, records fills it with COUNT of BODY.
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"runtime/debug"
	"strconv"
	"time"
)

// gcPercent is what Fondaco serves with (engine/memory.go).
const gcPercent = 400

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: baseline proxy|hand|durable|pgx|kafka|move ORIGIN LISTEN, baseline records ORIGIN COUNT")
		os.Exit(2)
	}
	origin, err := url.Parse(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
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
		proxy.BufferPool = newBuffers()
		handler = proxy
	case "durable", "pgx":
		var q *queue
		var err error
		if os.Args[1] == "pgx" {
			q, err = openDatabase(context.Background(), os.Getenv("STATE"))
		} else {
			q, err = openQueue(os.Getenv("STATE"))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		mux := http.NewServeMux()
		mux.HandleFunc("POST /w5", q.accept(true))
		mux.HandleFunc("POST /w5publish", q.accept(false))
		handler = mux
	case "kafka":
		l, err := openLog(context.Background(), os.Getenv("KAFKA"), os.Getenv("TOPIC"), os.Getenv("STATE"))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		mux := http.NewServeMux()
		mux.HandleFunc("POST /w5", l.accept)
		handler = mux
	case "records": // instead of LISTEN it is told how many
		count, err := strconv.Atoi(os.Args[3])
		if err == nil {
			err = records(os.Getenv("KAFKA"), "pratiche", count, []byte(os.Getenv("BODY")))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	case "move":
		go func() {
			fmt.Fprintln(os.Stderr, consume(os.Getenv("KAFKA"), "pratiche", os.Getenv("GROUP"), origin.String()+"/sink",
				&http.Client{Transport: transport, Timeout: 5 * time.Second}))
			os.Exit(1)
		}()
		handler = http.NotFoundHandler()
	default:
		handler = byHand(origin.String(), &http.Client{Transport: transport, Timeout: 5 * time.Second})
	}
	server := &http.Server{Addr: os.Args[3], Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	fmt.Fprintln(os.Stderr, server.ListenAndServe())
	os.Exit(1)
}
