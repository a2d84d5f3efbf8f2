package sftp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	wire "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"fondaco/connectors/files/driver"
)

// handshake is how long a server may take until it has let us in.
const handshake = 20 * time.Second

// connect makes a connection. A server with several host keys of which another one is pinned is asked again for that one.
func (s *store) connect(ctx context.Context) (*conn, error) {
	var first error
	not := map[string]bool{}
	for {
		c, shown, err := s.connectBy(ctx, not)
		if err == nil {
			if len(s.keys.pins) > 0 {
				s.chosen.Store(&shown)
			}
			return c, nil
		}
		if first == nil || !driver.IsKind(err, driver.HostKey) && driver.IsKind(first, driver.HostKey) && ctx.Err() != nil {
			first = err
		}
		if len(s.keys.pins) == 0 || !driver.IsKind(err, driver.HostKey) || shown == "" || not[shown] {
			return nil, first // what it shows of other types is no better
		}
		not[shown] = true
	}
}

// connectBy makes a connection to a server that shows none of some types of host keys. It returns the type that it has shown.
func (s *store) connectBy(ctx context.Context, not map[string]bool) (c *conn, shown string, err error) {
	prefer := ""
	if p := s.chosen.Load(); p != nil {
		prefer = *p
	}
	link, err := s.o.Dial(ctx, "tcp", s.o.Host)
	if err != nil {
		return nil, "", driver.Broken(ctx, err, false)
	}
	stop := context.AfterFunc(ctx, func() { _ = link.Close() })
	_ = link.SetDeadline(time.Now().Add(handshake))
	var key atomic.Pointer[string]
	var unknown atomic.Pointer[error]
	config := &ssh.ClientConfig{
		User: s.o.Entry.User, Auth: s.auth, HostKeyAlgorithms: s.keys.algorithms(prefer, not), ClientVersion: "SSH-2.0-Fondaco",
		HostKeyCallback: func(hostPort string, remote net.Addr, k ssh.PublicKey) error {
			is := k.Type()
			key.Store(&is)
			err := s.keys.check(hostPort, remote, k)
			if err != nil {
				unknown.Store(&err)
			}
			return err
		},
	}
	c, err = s.enter(link, config)
	if p := key.Load(); p != nil {
		shown = *p
	}
	switch p := unknown.Load(); {
	case err == nil && stop():
		_ = link.SetDeadline(time.Time{})
		s.tend(c)
		return c, shown, nil
	case err == nil:
		c.kill()
		_ = c.files.Close()
		err = driver.Broken(ctx, ctx.Err(), false)
	case p != nil:
		err = *p
	case ctx.Err() != nil:
		err = driver.Broken(ctx, err, false)
	default:
		err = refusal(err, shown != "")
	}
	stop()
	_ = link.Close()
	return nil, shown, err
}

// enter logs in, begins to speak SFTP, and looks whether the folder is there.
func (s *store) enter(link net.Conn, config *ssh.ClientConfig) (*conn, error) {
	under, channels, requests, err := ssh.NewClientConn(link, s.o.Host, config)
	if err != nil {
		return nil, err
	}
	c := &conn{link: link, ssh: ssh.NewClient(under, channels, requests), idle: s.o.Idle, dead: make(chan struct{}), used: time.Now()}
	channel, asked, err := c.ssh.OpenChannel("session", nil)
	if err != nil {
		return nil, &driver.Error{Kind: driver.Down, Err: fmt.Errorf("it lets us in, and opens no session: %w", err)}
	}
	go ssh.DiscardRequests(asked)
	go func() { _, _ = io.Copy(io.Discard, channel.Stderr()) }()
	name := struct{ Name string }{"sftp"}
	if ok, err := channel.SendRequest("subsystem", true, ssh.Marshal(&name)); err != nil || !ok {
		return nil, &driver.Error{Kind: driver.Down, Err: errors.New("it lets us in, and does not speak SFTP")}
	}
	c.files, err = wire.NewClientPipe(&active{channel, c}, channel, wire.UseConcurrentWrites(true), wire.UseFstat(true))
	if err != nil {
		return nil, err
	}
	folder, err := c.files.Stat(s.o.Folder)
	if err == nil && !folder.IsDir() {
		err = errors.New("it is no folder")
	}
	if err != nil {
		_ = c.files.Close()
		return nil, &driver.Error{Kind: driver.Down, Err: fmt.Errorf("the folder of the address: %w", told(err))}
	}
	return c, nil
}

// refusal returns why a server did not let us in; known says that its key was the right one.
func refusal(err error, known bool) error {
	var late net.Error
	var own *driver.Error
	switch text := err.Error(); {
	case errors.As(err, &own):
		return own
	case errors.As(err, &late) && late.Timeout():
		return &driver.Error{Kind: driver.Silent, Err: fmt.Errorf("it did not let us in within %s", handshake)}
	case known && (strings.Contains(text, "unable to authenticate") || strings.Contains(text, "Too many authentication failures")):
		return &driver.Error{Kind: driver.Login, Err: errors.New("it refuses user, password or private_key: compare them with what its owner " +
			"says, and whether the key is among the user's authorized keys")}
	}
	return &driver.Error{Kind: driver.Down, Err: err}
}
