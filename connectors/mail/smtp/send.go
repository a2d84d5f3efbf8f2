package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	gosmtp "github.com/wneessen/go-mail/smtp"
)

// Server is where letters are sent to. It is not changed once it is used. Safe for concurrent use.
type Server struct {
	Host     string // its name, for its certificate
	Dial     func(ctx context.Context) (net.Conn, error)
	TLS      *tls.Config // nil for none
	Implicit bool        // TLS begins with the connection; otherwise by STARTTLS, without which nothing is sent
	User     string      // "" for no log-in
	Password string
	Token    func(ctx context.Context) (string, error) // of OAuth 2, in the place of a password; nil for none
}

// Refusal is a recipient whom the server did not take.
type Refusal struct {
	Address Address
	Error
}

// Receipt says what became of a letter that was taken.
type Receipt struct {
	Reply   string // of the server, to the whole letter
	Refused []Refusal
}

// patience is how long a letter takes at most whose context has no deadline.
const patience = 10 * time.Minute

// session is a connection to the server.
type session struct {
	*gosmtp.Client
	server *Server
	conn   net.Conn
	stop   func() bool
}

// Send sends a letter, whose octets Render has made. Some recipients may be refused for good: it goes to the others, and the receipt says
// so. If one is refused for now it goes to nobody, so that it can be sent again. before is called on the connection as soon as it is there
// and the server was greeted, nil for nothing. The error is an *Error, without addresses.
func (s *Server) Send(ctx context.Context, l *Letter, raw []byte, before func(*textproto.Conn) error) (*Receipt, error) {
	if len(l.Recipients()) == 0 {
		return nil, &Error{Kind: Unfit, Err: errNoOne}
	}
	c, err := s.connect(ctx)
	if err != nil {
		return nil, failed(ctx, err, false)
	}
	defer c.end()
	if before != nil {
		if err := before(c.Text); err != nil {
			return nil, failed(ctx, err, false)
		}
	}
	receipt, err := c.envelope(ctx, l, len(raw))
	if err != nil {
		return nil, failed(ctx, err, false)
	}
	w, err := c.Data()
	if err == nil {
		_, err = w.Write(raw)
	}
	if err != nil { // without its last dot no server takes a letter
		return nil, failed(ctx, err, false)
	}
	if err := w.Close(); err != nil {
		return nil, failed(ctx, err, true)
	}
	if d, ok := w.(*gosmtp.DataCloser); ok {
		receipt.Reply = d.ServerResponse()
	}
	return receipt, nil
}

// connect connects, greets, encrypts and logs in.
func (s *Server) connect(ctx context.Context) (*session, error) {
	end, bounded := ctx.Deadline()
	conn, err := s.Dial(ctx)
	if err != nil {
		var late net.Error
		if bounded && errors.As(err, &late) && late.Timeout() && time.Until(end) < time.Second {
			<-ctx.Done() // the net has the deadline of ctx, and may have seen it a moment before
		}
		return nil, err
	}
	if !bounded {
		end = time.Now().Add(patience)
	}
	_ = conn.SetDeadline(end.Add(time.Second)) // ctx itself comes first
	raw := conn
	if s.TLS != nil && s.Implicit {
		conn = tls.Client(conn, s.TLS)
	}
	c := &session{server: s, conn: raw, stop: context.AfterFunc(ctx, func() { _ = raw.Close() })}
	if c.Client, err = gosmtp.NewClient(conn, s.Host); err == nil {
		err = c.open(ctx)
	}
	if err != nil {
		c.stop()
		_ = raw.Close()
		return nil, secured(err)
	}
	return c, nil
}

// secured returns the error of a certificate as what it is.
func secured(err error) error {
	var bad *tls.CertificateVerificationError
	var head tls.RecordHeaderError
	if errors.As(err, &bad) || errors.As(err, &head) {
		return &Error{Kind: Insecure, Err: err}
	}
	return err
}

// open greets the server, encrypts and logs in.
func (c *session) open(ctx context.Context) error {
	if err := c.Hello(literal(c.conn.LocalAddr())); err != nil {
		return err
	}
	if c.server.TLS != nil && !c.server.Implicit {
		if offered, _ := c.Extension("STARTTLS"); !offered {
			return &Error{Kind: Insecure, Err: errNoTLS}
		}
		if err := c.StartTLS(c.server.TLS); err != nil {
			return err
		}
	}
	if c.server.User == "" {
		return nil
	}
	how, err := c.auth(ctx)
	if err != nil {
		return err
	}
	return c.Auth(how)
}

// auth returns how we log in. TLS was asked for, or is not to be, before.
func (c *session) auth(ctx context.Context) (gosmtp.Auth, error) {
	_, offered := c.Extension("AUTH")
	ways := strings.Fields(strings.ToUpper(offered))
	switch {
	case c.server.Token != nil && slices.Contains(ways, "XOAUTH2"):
		token, err := c.server.Token(ctx)
		if err != nil {
			return nil, &Error{Kind: Denied, Err: err}
		}
		return gosmtp.XOAuth2Auth(c.server.User, token), nil
	case c.server.Token != nil:
	case slices.Contains(ways, "PLAIN"):
		return gosmtp.PlainAuth("", c.server.User, c.server.Password, c.server.Host, true), nil
	case slices.Contains(ways, "LOGIN"):
		return gosmtp.LoginAuth(c.server.User, c.server.Password, c.server.Host, true), nil
	}
	return nil, &Error{Kind: Denied, Err: errNoAuth}
}

// envelope names the sender and the recipients.
func (c *session) envelope(ctx context.Context, l *Letter, size int) (*Receipt, error) {
	if ok, most := c.Extension("SIZE"); ok {
		if n, err := strconv.Atoi(most); err == nil && n > 0 && size > n {
			return nil, &Error{Kind: Unfit, Err: errTooLarge}
		}
	}
	wide := l.wide()
	if ok, _ := c.Extension("SMTPUTF8"); wide && !ok {
		return nil, &Error{Kind: Unfit, Err: errNoUTF8}
	}
	c.SkipSMTPUTF8(!wide) // some servers pass such letters on to nobody who has it not
	from := "<>"
	if l.Bounces != nil {
		from = "<" + l.Bounces.String() + ">"
	}
	if err := c.Mail(from); err != nil {
		return nil, err
	}
	receipt := &Receipt{}
	all := l.Recipients()
	for _, a := range all {
		err := c.Rcpt("<" + a.String() + ">")
		if err == nil {
			continue
		}
		e := failed(ctx, err, false)
		e.Whose = a.String()
		if e.Kind != Rejected && e.Kind != Unfit {
			return nil, e
		}
		receipt.Refused = append(receipt.Refused, Refusal{Address: a, Error: *e})
	}
	if len(receipt.Refused) == len(all) {
		return nil, &receipt.Refused[0].Error
	}
	return receipt, nil
}

// end says good-bye, without waiting for long, and closes.
func (c *session) end() {
	_ = c.conn.SetDeadline(time.Now().Add(time.Second))
	_, _ = io.WriteString(c.Text.W, "QUIT\r\n")
	_ = c.Text.W.Flush()
	c.stop()
	_ = c.Close()
	_ = c.conn.Close()
}

// literal is our address as a name for the server's log.
func literal(at net.Addr) string {
	tcp, ok := at.(*net.TCPAddr)
	switch {
	case !ok:
		return "localhost"
	case tcp.IP.To4() != nil:
		return "[" + tcp.IP.String() + "]"
	}
	return "[IPv6:" + tcp.IP.String() + "]"
}
