//go:build unix

package postgres

import (
	"crypto/tls"
	"net"
	"syscall"
)

// alive reports whether a connection on which nothing is awaited is good, without waiting: a server that has ended it has closed it,
// or said so before.
func alive(c net.Conn) bool {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	s, ok := c.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return false
	}
	quiet := false
	var one [1]byte
	// Control and not Read, which waits for whoever reads: pgx goes on to in the background once a write was slow.
	err = raw.Control(func(fd uintptr) {
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK) // sockets of Go do not block
		quiet = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK
	})
	return err == nil && quiet
}
