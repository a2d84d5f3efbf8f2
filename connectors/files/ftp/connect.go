package ftp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"path"
	"sync"
	"sync/atomic"
	"time"

	wire "github.com/jlaffaye/ftp"

	"fondaco/connectors/files/driver"
)

// conn is a connection to a server, and the one beside it over which files go. The library's calls know no context: what ends one ends the
// connection.
type conn struct {
	*wire.ServerConn
	idle   time.Duration
	folder string    // of the address, absolute
	used   time.Time // when it was given back
	unused *time.Timer

	life   context.Context //nolint:containedctx // of connections that are being made for files
	end    context.CancelFunc
	killed atomic.Bool
	silent atomic.Bool

	mu     sync.Mutex
	links  [2]net.Conn // control, data
	listed bool        // what goes over the next data connection is a listing
	data   *data
}

// kill ends the connection at once.
func (c *conn) kill() {
	c.killed.Store(true)
	c.end()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.links {
		if l != nil {
			_ = l.Close()
		}
	}
}

// keep keeps a link of the connection, which may have been ended meanwhile.
func (c *conn) keep(at int, l net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.links[at] = l
	if c.killed.Load() {
		_ = l.Close()
	}
}

var errNoTCP = errors.New("the connection is not of TCP")

// connect makes a connection and logs in.
func (s *store) connect(ctx context.Context) (*conn, error) {
	c := &conn{idle: s.o.Idle}
	c.life, c.end = context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, c.kill)
	var secure *tls.Config
	options := []wire.DialOption{}
	if s.secure != nil { // servers want the session of the control connection for data: no other connection shares it
		secure = s.secure.Clone()
		secure.ClientSessionCache = tls.NewLRUClientSessionCache(0)
		if s.implicit {
			options = append(options, wire.DialWithTLS(secure))
		} else {
			options = append(options, wire.DialWithExplicitTLS(secure))
		}
	}
	var dialled error
	options = append(options, wire.DialWithDialFunc(func(network, address string) (net.Conn, error) {
		if c.links[0] != nil {
			return c.dialData(s, network, address, secure) //nolint:contextcheck // it lives with the connection, not with who made it
		}
		var l net.Conn
		if l, dialled = s.o.Dial(ctx, network, address); dialled != nil {
			return nil, dialled
		}
		if _, is := l.RemoteAddr().(*net.TCPAddr); !is { // on which the library relies
			_ = l.Close()
			return nil, errNoTCP
		}
		l = &link{Conn: l, idle: c.idle, silent: &c.silent, bound: true, left: mostAnswer, control: true}
		c.keep(0, l)
		if s.implicit {
			l = tls.Client(l, secure)
		}
		return l, nil
	}))
	err := c.enter(s, options)
	if err == nil && !stop() {
		err = ctx.Err()
	}
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.all[c] = true; s.closed {
			c.kill()
		}
		return c, nil
	}
	stop()
	c.kill()
	switch {
	case dialled != nil, ctx.Err() != nil:
		return nil, driver.Broken(ctx, err, false)
	case c.silent.Load():
		return nil, &driver.Error{Kind: driver.Silent, Err: silence(c.idle)}
	}
	return nil, err
}

// dialData connects to where the server waits for a file. The library takes the port alone from what the server says: the host is that of
// the control connection.
func (c *conn) dialData(s *store, network, address string, secure *tls.Config) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(c.life, c.idle)
	defer cancel()
	to, err := s.o.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l := &link{Conn: to, idle: c.idle, silent: &c.silent, bound: c.listed, left: mostList}
	c.keep(1, l)
	c.data = &data{Conn: l, listed: c.listed, link: l}
	if secure != nil {
		c.data.Conn = tls.Client(l, secure)
	}
	return c.data, nil
}

// enter logs in, and looks whether the folder is there.
func (c *conn) enter(s *store, options []wire.DialOption) (err error) {
	if c.ServerConn, err = wire.Dial(s.o.Host, options...); err != nil {
		return refusal(err, atGreeting, s.secure != nil)
	}
	if err := c.Login(s.o.Entry.User, s.o.Entry.Password); err != nil {
		return refusal(err, atLogin, s.secure != nil)
	}
	if c.folder = s.o.Folder; !path.IsAbs(c.folder) {
		home, err := c.CurrentDir()
		if err != nil {
			return refusal(err, atHome, s.secure != nil)
		}
		c.folder = path.Join("/", home, c.folder)
	}
	if err := c.ChangeDir(c.folder); err != nil {
		if codeOf(err) > 0 {
			err = errors.New("the folder of the address is not there, or not for the user")
		}
		return &driver.Error{Kind: driver.Down, Err: err}
	}
	return nil
}

// The stages at which a server may refuse us.
const (
	atGreeting = iota // and as it is asked for TLS
	atLogin
	atHome
)

// refusal returns why a server did not let us in, without what it says.
func refusal(err error, stage int, secure bool) error {
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	code := codeOf(err)
	switch {
	case errors.As(err, &unknown):
		err = errors.New("its certificate is signed by nobody whom this machine trusts: write ca: and a file with the certificate of its signer")
	case errors.As(err, &verify):
		err = fmt.Errorf("its certificate is not good for this server: %w", verify.Err)
	case errors.As(err, &record):
		err = errors.New("it does not speak TLS as it is asked: a server without TLS has ftp: in its address, and port 990 is of servers that " +
			"begin with TLS at once")
	case code > 0 && stage == atGreeting && secure:
		err = fmt.Errorf("it answers %d, where TLS was to begin: a server without TLS has ftp: in its address, not ftps", code)
	case stage == atLogin && (code == wire.StatusNotLoggedIn || code == wire.StatusLoginNeedAccount || code == wire.StatusInvalidCredentials):
		err = fmt.Errorf("it refuses user or password, by %d: compare them with what its owner says", code)
		return &driver.Error{Kind: driver.Login, Err: err}
	case code > 0:
		err = fmt.Errorf("it answers %d as we come in", code)
	case stage == atLogin && !isNet(err): // of an answer to USER the library says no code
		return &driver.Error{Kind: driver.Login, Err: errors.New("it refuses the user")}
	default:
		err = bare(err)
	}
	return &driver.Error{Kind: driver.Down, Err: err}
}

// codeOf returns the code of the server's answer, 0 where the error is none.
func codeOf(err error) int {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return answer.Code
	}
	return 0
}
