package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// Server is where a mailbox is. It is not changed once it is used.
type Server struct {
	Dial     func(ctx context.Context) (net.Conn, error)
	TLS      *tls.Config // nil for none
	Implicit bool        // TLS begins with the connection; otherwise by STARTTLS, without which nothing is done
	User     string
	Password string
	Token    func(ctx context.Context) (string, error) // of OAuth 2, in the place of a password; nil for none
}

// Mailbox is a selected folder on a connection of its own. For one goroutine at a time.
type Mailbox struct {
	Validity uint32 // of its UIDs

	client *imapclient.Client
	conn   net.Conn
	news   chan struct{}
}

// patience is how long a server may take for one answer.
const patience = time.Minute

// errLate is what a server that does not answer has become.
var errLate = errors.New("the server did not answer in time")

// Open connects, logs in and selects a folder. Whoever opened it closes it. The errors hold no message and no password.
func (s *Server) Open(ctx context.Context, folder string) (*Mailbox, error) {
	conn, err := s.Dial(ctx)
	if err != nil {
		return nil, err
	}
	m := &Mailbox{conn: conn, news: make(chan struct{}, 1)}
	err = m.within(ctx, func() error { return m.open(ctx, s, folder) })
	if err != nil {
		_ = m.Close()
		return nil, err
	}
	return m, nil
}

func (m *Mailbox) open(ctx context.Context, s *Server, folder string) error {
	o := &imapclient.Options{TLSConfig: s.TLS, UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(*imapclient.UnilateralDataMailbox) {
			select {
			case m.news <- struct{}{}:
			default:
			}
		},
	}}
	var err error
	switch {
	case s.TLS != nil && s.Implicit:
		m.client = imapclient.New(tls.Client(m.conn, s.TLS), o)
	case s.TLS != nil:
		if m.client, err = imapclient.NewStartTLS(m.conn, o); err != nil {
			return fmt.Errorf("STARTTLS: %w", err)
		}
	default:
		m.client = imapclient.New(m.conn, o)
	}
	if err = m.client.WaitGreeting(); err != nil {
		return err
	}
	switch {
	case s.Token != nil:
		token, err := s.Token(ctx)
		if err != nil {
			return err
		}
		if err := m.client.Authenticate(&bearer{s.User, token}); err != nil {
			return fmt.Errorf("the server does not take the token: %w", err)
		}
	case s.User != "":
		if err := m.client.Login(s.User, s.Password).Wait(); err != nil {
			return fmt.Errorf("the server does not let us in: %w", err)
		}
	}
	selected, err := m.client.Select(folder, nil).Wait()
	if err != nil {
		return fmt.Errorf("the folder cannot be opened: %w", err)
	}
	m.Validity = selected.UIDValidity
	return nil
}

// bearer is XOAUTH2.
type bearer struct{ user, token string }

// Start begins the log-in. It is sasl.Client's.
func (b *bearer) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + b.user + "\x01auth=Bearer " + b.token + "\x01\x01"), nil
}

// Next answers the server's description of an error with nothing, as XOAUTH2 has it. It is sasl.Client's.
func (b *bearer) Next([]byte) ([]byte, error) { return []byte{}, nil }

var _ sasl.Client = (*bearer)(nil)

// within does what may take patience at most, and ends with ctx: the connection is closed then.
func (m *Mailbox) within(ctx context.Context, do func() error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	late, cancel := context.WithTimeoutCause(ctx, patience, errLate)
	defer cancel()
	stop := context.AfterFunc(late, func() { _ = m.conn.Close() })
	defer stop()
	err := do()
	if err != nil && late.Err() != nil {
		return context.Cause(late)
	}
	return err
}

// Close ends the connection.
func (m *Mailbox) Close() error {
	_ = m.conn.Close() // first: the library waits for what is under way
	if m.client != nil {
		_ = m.client.Close()
		<-m.client.Closed()
	}
	return nil
}

// After lists the UIDs above one, in their order.
func (m *Mailbox) After(ctx context.Context, uid uint32) (all []uint32, err error) {
	err = m.within(ctx, func() error {
		if err := m.client.Noop().Wait(); err != nil { // which tells the client of what is new
			return err
		}
		select {
		case <-m.news: // it is found now
		default:
		}
		var set goimap.UIDSet
		set.AddRange(goimap.UID(uid)+1, 0)
		what := &goimap.SearchCriteria{UID: []goimap.UIDSet{set}, NotFlag: []goimap.Flag{goimap.FlagDeleted}}
		found, err := m.client.UIDSearch(what, nil).Wait()
		if err != nil {
			return err
		}
		for _, n := range found.AllUIDs() {
			if uint32(n) > uid { // * stands for the last one, even if it is none of these
				all = append(all, uint32(n))
			}
		}
		slices.Sort(all)
		return nil
	})
	return all, err
}

// Fetched is a message as it lies in the folder.
type Fetched struct {
	Raw      []byte // nil if it is larger than was asked for
	Size     int64  // as the server says
	Received time.Time
}

// Fetch reads a message without marking it as seen; nil if it is not there. Of one that is larger than most nothing is read but its size.
func (m *Mailbox) Fetch(ctx context.Context, uid uint32, most int64) (*Fetched, error) {
	got, err := m.fetch(ctx, uid, &goimap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}, 0)
	if err != nil || got == nil || got.Size > most {
		return got, err
	}
	section := &goimap.FetchItemBodySection{Peek: true, Partial: &goimap.SectionPartial{Offset: 0, Size: most + 1}}
	whole, err := m.fetch(ctx, uid, &goimap.FetchOptions{UID: true, BodySection: []*goimap.FetchItemBodySection{section}}, most+1)
	if err != nil || whole == nil {
		return nil, err
	}
	if int64(len(whole.Raw)) > most { // the server has said less
		return &Fetched{Size: int64(len(whole.Raw)), Received: got.Received}, nil
	}
	got.Raw = whole.Raw
	return got, nil
}

var errLiteral = errors.New("the server sends more of a message than it was asked for")

func (m *Mailbox) fetch(ctx context.Context, uid uint32, o *goimap.FetchOptions, most int64) (got *Fetched, err error) {
	err = m.within(ctx, func() error {
		c := m.client.Fetch(goimap.UIDSetNum(goimap.UID(uid)), o)
		for msg := c.Next(); msg != nil; msg = c.Next() {
			found := &Fetched{}
			mine := false
			for item := msg.Next(); item != nil; item = msg.Next() {
				switch item := item.(type) {
				case imapclient.FetchItemDataUID:
					mine = uint32(item.UID) == uid
				case imapclient.FetchItemDataRFC822Size:
					found.Size = item.Size
				case imapclient.FetchItemDataInternalDate:
					found.Received = item.Time
				case imapclient.FetchItemDataBodySection:
					if item.Literal == nil {
						continue
					}
					if item.Literal.Size() > most {
						_ = m.conn.Close() // what comes is not read
						return errLiteral
					}
					if found.Raw, err = io.ReadAll(item.Literal); err != nil {
						return err
					}
				}
			}
			if mine {
				got = found
			}
		}
		return c.Close()
	})
	return got, err
}

// Move moves messages to another folder, which is made if it is not there. Those that are not there any more are passed over. Where the
// server has no MOVE they are copied, and deleted once they are.
func (m *Mailbox) Move(ctx context.Context, uids []uint32, folder string) error {
	if len(uids) == 0 {
		return nil
	}
	var set goimap.UIDSet
	for _, n := range uids {
		set.AddNum(goimap.UID(n))
	}
	return m.within(ctx, func() error {
		there, err := m.client.UIDSearch(&goimap.SearchCriteria{UID: []goimap.UIDSet{set}}, nil).Wait()
		if err != nil {
			return err
		}
		if set = goimap.UIDSetNum(there.AllUIDs()...); len(set) == 0 { // what servers make of none is not one thing
			return nil
		}
		err = m.move(set, folder)
		var said *goimap.Error
		if errors.As(err, &said) && said.Code == goimap.ResponseCodeTryCreate {
			if err := m.client.Create(folder, nil).Wait(); err != nil {
				return err
			}
			err = m.move(set, folder)
		}
		return err
	})
}

func (m *Mailbox) move(set goimap.UIDSet, folder string) error {
	caps := m.client.Caps()
	if caps.Has(goimap.CapMove) {
		_, err := m.client.Move(set, folder).Wait()
		return err
	}
	if _, err := m.client.Copy(set, folder).Wait(); err != nil {
		return err
	}
	deleted := &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{goimap.FlagDeleted}}
	if err := m.client.Store(set, deleted, nil).Close(); err != nil {
		return err
	}
	if !caps.Has(goimap.CapUIDPlus) { // EXPUNGE would delete what others have marked
		return nil
	}
	return m.client.UIDExpunge(set).Close()
}

// ended is how long a server has to end an IDLE.
const ended = 10 * time.Second

// Wait waits until the server says that there is something new, or ctx ends. False says that it cannot say so, or that the connection broke
// off, and nothing was waited for.
func (m *Mailbox) Wait(ctx context.Context) bool {
	if !m.client.Caps().Has(goimap.CapIdle) {
		return false
	}
	select {
	case <-m.news: // of what was found already, or came meanwhile
		return true
	default:
	}
	var idle *imapclient.IdleCommand
	if m.within(ctx, func() (err error) { idle, err = m.client.Idle(); return err }) != nil {
		return false
	}
	broken := false
	select {
	case <-m.news:
	case <-ctx.Done():
	case <-m.client.Closed():
		broken = true
	}
	late := time.AfterFunc(ended, func() { _ = m.conn.Close() }) // a peer that is gone ends no IDLE
	defer late.Stop()
	_ = idle.Close()
	_ = idle.Wait()
	return !broken
}
