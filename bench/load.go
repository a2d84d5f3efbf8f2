package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// tally is what one load gave.
type tally struct {
	requests  int
	failures  int
	elapsed   time.Duration
	latencies []time.Duration // of the requests that were answered with success, sorted
}

func (t *tally) percentile(p float64) time.Duration {
	if len(t.latencies) == 0 {
		return 0
	}
	return t.latencies[min(int(p*float64(len(t.latencies))), len(t.latencies)-1)]
}

// load sends GET path, or POST with a body, to addr, a loopback address, over connections kept alive, each as fast as it is
// answered, for as
// long as told.
func load(ctx context.Context, addr, path, body string, connections int, lasting time.Duration) (*tally, error) {
	ctx, stop := context.WithTimeout(ctx, lasting)
	defer stop()
	all := &tally{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	begin := time.Now()
	var broken error
	for range connections {
		wg.Go(func() {
			one, err := connection(ctx, addr, path, body)
			mu.Lock()
			defer mu.Unlock()
			all.requests += one.requests
			all.failures += one.failures
			all.latencies = append(all.latencies, one.latencies...)
			if err != nil && broken == nil {
				broken = err
			}
		})
	}
	wg.Wait()
	all.elapsed = time.Since(begin)
	slices.Sort(all.latencies)
	if all.requests == 0 && broken != nil {
		return nil, broken
	}
	return all, nil
}

func connection(ctx context.Context, addr, path, body string) (tally, error) {
	var t tally
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return t, err
	}
	defer func() { _ = conn.Close() }()
	request := []byte("GET " + path + " HTTP/1.1\r\nHost: " + addr + "\r\nAccept: application/json\r\n\r\n")
	if body != "" {
		request = fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, addr,
			len(body), body)
	}
	reader := bufio.NewReaderSize(conn, 32<<10)
	for ctx.Err() == nil {
		begin := time.Now()
		_ = conn.SetDeadline(begin.Add(5 * time.Second))
		if _, err := conn.Write(request); err != nil {
			return t, err
		}
		status, err := readAnswer(reader)
		if err != nil {
			return t, err
		}
		t.requests++
		if status/100 != 2 {
			t.failures++
			continue
		}
		t.latencies = append(t.latencies, time.Since(begin))
	}
	return t, nil
}

// readAnswer reads one answer of HTTP/1.1 and throws its body away.
func readAnswer(r *bufio.Reader) (status int, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("bad status line %q", line)
	}
	status, _ = strconv.Atoi(string(line[9:12]))
	length, chunked := -1, false
	for {
		if line, err = r.ReadSlice('\n'); err != nil {
			return 0, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
	if !chunked {
		_, err = r.Discard(length)
		return status, err
	}
	for {
		if line, err = r.ReadSlice('\n'); err != nil {
			return 0, err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return 0, err
		}
		if _, err := r.Discard(int(size) + 2); err != nil && err != io.EOF {
			return 0, err
		}
		if size == 0 {
			return status, nil
		}
	}
}
