// Package imaptest has a server of IMAP for tests, in memory: that of the library. It is no stand-in for real servers, which are to be tried
// beside it.
package imaptest

import (
	"io"
	"log"
	"net"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// User and Password log in to a server.
const (
	User     = "hub"
	Password = "segreta"
)

// Server is a mailbox on a server.
type Server struct {
	Address string // as a connector writes it
	user    *imapmemserver.User
}

// New starts a server with an INBOX, until the test ends. Without move it has neither MOVE nor UIDPLUS.
func New(t testing.TB, move bool) *Server {
	t.Helper()
	memory := imapmemserver.New()
	user := imapmemserver.NewUser(User, Password)
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory.AddUser(user)
	caps := goimap.CapSet{goimap.CapIMAP4rev1: {}, goimap.CapIdle: {}}
	if move {
		caps[goimap.CapMove], caps[goimap.CapUIDPlus] = struct{}{}, struct{}{}
	}
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps: caps, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return &Server{Address: "imap://" + l.Addr().String(), user: user}
}

// Put lays a message into a folder.
func (s *Server) Put(t testing.TB, folder, raw string) {
	t.Helper()
	c := s.client(t)
	defer func() { _ = c.Close() }()
	put := c.Append(folder, int64(len(raw)), &goimap.AppendOptions{Time: time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)})
	if _, err := io.WriteString(put, raw); err != nil {
		t.Fatal(err)
	}
	if err := put.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := put.Wait(); err != nil {
		t.Fatal(err)
	}
}

// Subjects lists the subjects of a folder's messages; a folder that is not there has none.
func (s *Server) Subjects(t testing.TB, folder string) (all []string) {
	t.Helper()
	c := s.client(t)
	defer func() { _ = c.Close() }()
	selected, err := c.Select(folder, nil).Wait()
	if err != nil || selected.NumMessages == 0 {
		return nil
	}
	var set goimap.SeqSet
	set.AddRange(1, 0)
	found, err := c.Fetch(set, &goimap.FetchOptions{Envelope: true, Flags: true}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range found {
		mark := ""
		for _, f := range m.Flags {
			if f == goimap.FlagDeleted || f == goimap.FlagSeen {
				mark += string(f)
			}
		}
		all = append(all, m.Envelope.Subject+mark)
	}
	return all
}

// Anew deletes a folder and makes it again, so that its numbers begin anew.
func (s *Server) Anew(t testing.TB, folder string) {
	t.Helper()
	if err := s.user.Delete(folder); err != nil {
		t.Fatal(err)
	}
	if err := s.user.Create(folder, nil); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) client(t testing.TB) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(strings.TrimPrefix(s.Address, "imap://"), nil)
	if err == nil {
		err = c.Login(User, Password).Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}
