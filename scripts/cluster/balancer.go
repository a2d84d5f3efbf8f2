package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"time"
)

// balancer sends requests to nodes in turns, as a balancer in front of a city's nodes does: to those whose readiness was answered 200
// last, and to the next where no connection is made. What was sent to a node is never sent to another: the node may have begun it.
type balancer struct {
	nodes []*node
	turn  atomic.Uint64
	wire  *http.Transport
}

// node is a place that requests are given to.
type node struct {
	api   *url.URL
	ready string // the address of its readiness
	well  atomic.Bool
}

func newBalancer(nodes []*node) *balancer {
	return &balancer{nodes: nodes, wire: &http.Transport{
		DialContext:         (&net.Dialer{Timeout: time.Second}).DialContext,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     5 * time.Second,
	}}
}

// handler returns what takes the requests.
func (b *balancer) handler() http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		Transport: b,
		ErrorLog:  log.New(io.Discard, "", 0), // what a client hears of it is the 502
	}
}

// RoundTrip sends a request to a node that is well, and to the others where it cannot be reached. It may be called concurrently.
func (b *balancer) RoundTrip(r *http.Request) (res *http.Response, err error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	first := b.turn.Add(1)
	for _, wanted := range []bool{true, false} { // those that are not well are the last resort
		for i := range b.nodes {
			n := b.nodes[(int(first%uint64(len(b.nodes)))+i)%len(b.nodes)]
			if n.well.Load() != wanted {
				continue
			}
			if res, err = b.wire.RoundTrip(n.takes(r)); err == nil {
				return res, nil
			}
			n.well.Store(false)
			var op *net.OpError
			if !errors.As(err, &op) || op.Op != "dial" {
				return nil, err
			}
		}
	}
	return nil, err
}

// takes is a request as it is sent to the node. Its body stays open: it may yet be sent to another.
func (n *node) takes(r *http.Request) *http.Request {
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host = n.api.Scheme, n.api.Host
	if r.Body != nil && r.Body != http.NoBody {
		out.Body = io.NopCloser(r.Body)
	}
	return out
}

// watch asks each node for its readiness, five times a second, until ctx ends.
func (b *balancer) watch(ctx context.Context) {
	for {
		for _, n := range b.nodes {
			n.well.Store(answers(n.ready)(ctx) == nil)
		}
		select {
		case <-ctx.Done():
			b.wire.CloseIdleConnections()
			return
		case <-time.After(200 * time.Millisecond):
		}
	}
}
