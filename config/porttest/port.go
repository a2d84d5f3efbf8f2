// Package porttest finds ports for the servers that tests and trials start in processes of their own.
package porttest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
)

// The range lies below the ports that systems give to outgoing connections (Linux 32768, IANA 49152), and above those of services.
const first, count = 11000, 20000

var (
	mu    sync.Mutex
	given = map[int]bool{}
)

// Free returns a port of 127.0.0.1 that nobody listens on, and that no outgoing connection is given: a server that is started later, or
// again after a kill, finds it free. No port is returned twice. It may be used concurrently.
func Free() (int, error) {
	mu.Lock()
	defer mu.Unlock()
	for range count {
		port := first + rand.IntN(count)
		if given[port] {
			continue
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		_ = l.Close()
		given[port] = true
		return port, nil
	}
	return 0, errors.New("there is no free port on 127.0.0.1")
}
