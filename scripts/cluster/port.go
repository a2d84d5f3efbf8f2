package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
)

// tried counts the ports that were tried, from one that differs from process to process.
var tried atomic.Int64

// freePort returns a port of the loopback that nobody listens on, below those that the system gives to connections: between a kill of
// a part and its next start nobody takes it. No port is returned twice.
func freePort() (int, error) {
	const first, count = 11000, 9000
	for range count {
		port := first + (os.Getpid()*97+int(tried.Add(1)))%count
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = l.Close()
			return port, nil
		}
	}
	return 0, errors.New("there is no free port on 127.0.0.1")
}
