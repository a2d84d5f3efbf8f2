package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/mail/imap"
	"fondaco/connectors/mail/message"
)

// watching is an open watch. It is a connectors.Watching.
type watching struct {
	*watched
	name   string // system.watch
	of     *connectors.Watch
	system *connectors.System
	log    *slog.Logger
	server *imap.Server
	box    *imap.Mailbox // nil while there is no connection
	token  *granted
	placed bool
}

// watch opens a watch. It connects to nothing.
func watch(_ context.Context, s *connectors.System, of *connectors.Watch, d connectors.Deps) (connectors.Watching, error) {
	w, ok := s.Connector.Wire.(*wire)
	x, of2 := of.Wire.(*watched)
	if !ok || !of2 {
		return nil, fmt.Errorf("%s is not a watch of mail", of.Name)
	}
	m := &watching{watched: x, name: s.Name + "." + of.Name, of: of, system: s, log: d.Log}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	at, err := w.reached(s, w.imap, imapSchemes)
	if err != nil {
		return nil, err
	}
	_, m.placed = s.Place()
	m.server = &imap.Server{TLS: at.tls, Implicit: at.implicit, User: at.user, Password: at.password}
	m.server.Dial = func(ctx context.Context) (net.Conn, error) { return s.Dial(ctx, "tcp", at.hostPort()) }
	if w.token != nil && !m.placed {
		if m.token, err = w.token.open(s, d.Now); err != nil {
			return nil, err
		}
		m.server.Token = m.token.get
	}
	return m, nil
}

// Close ends the connections.
func (x *watching) Close() error {
	x.hangUp()
	if x.token != nil {
		x.token.close()
	}
	return nil
}

func (x *watching) hangUp() {
	if x.box != nil {
		_ = x.box.Close()
		x.box = nil
	}
}

// Wait waits until the server says that there is something new, or it is time.
func (x *watching) Wait(ctx context.Context, every time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, every)
	defer cancel()
	if x.box == nil || !x.box.Wait(ctx) {
		<-ctx.Done()
	}
}

// Poll moves what was taken before the place, and looks for messages after it.
func (x *watching) Poll(ctx context.Context, at string) (*connectors.Finds, error) {
	p := &place{}
	if err := connectors.ReadPlace(at, p); err != nil {
		return nil, err
	}
	poll := x.poll
	if x.placed {
		poll = x.played
	}
	found, err := poll(ctx, p)
	if err != nil {
		x.hangUp() // whatever it was: the next poll begins anew
		if x.token != nil {
			x.token.drop()
		}
		return nil, fmt.Errorf("%s: %w", x.name, err)
	}
	return found, nil
}

func (x *watching) poll(ctx context.Context, p *place) (*connectors.Finds, error) {
	if x.box == nil {
		box, err := x.server.Open(ctx, x.folder)
		if err != nil {
			return nil, err
		}
		x.box = box
	}
	if p.Validity != x.box.Validity { // the folder was made anew: its numbers mean other messages
		p.Validity, p.UID, p.Moves = x.box.Validity, 0, nil
	}
	if err := x.box.Move(ctx, p.Moves, x.done.Value); err != nil {
		return nil, err
	}
	p.Moves = nil
	uids, err := x.box.After(ctx, p.UID)
	if err != nil {
		return nil, err
	}
	found := &connectors.Finds{More: len(uids) > x.batch}
	size := int64(0)
	for _, uid := range uids[:min(len(uids), x.batch)] {
		read, err := x.take(ctx, p, uid, found)
		if err != nil {
			return nil, err
		}
		p.UID = uid
		if size += read; size > mostRead && !found.More {
			found.More = true
			break
		} else if size > mostRead {
			break
		}
	}
	found.More = found.More || len(p.Moves) > 0
	found.Place = connectors.WritePlace(p)
	return found, nil
}

// mostRead is how much one poll reads, but for its last message.
const mostRead = 16 << 20

// take reads a message, and adds what is told of it. It returns how many octets it has read.
func (x *watching) take(ctx context.Context, p *place, uid uint32, found *connectors.Finds) (int64, error) {
	got, err := x.box.Fetch(ctx, uid, x.size)
	switch {
	case err != nil:
		return 0, err
	case got == nil: // somebody has moved it
		return 0, nil
	case got.Raw == nil:
		return 0, x.refuse(ctx, uid, fmt.Errorf("it has %d octets, and max_size is %d", got.Size, x.size))
	}
	m, err := message.Parse(got.Raw)
	if err == nil && x.pec {
		err = m.Certify()
	}
	if err != nil {
		return got.Size, x.refuse(ctx, uid, err)
	}
	if x.done.Value != "" {
		p.Moves = append(p.Moves, uid)
	}
	id := identity(m.Envelope)
	switch {
	case m.Automatic && m.Receipt == nil && x.automatic == automaticSkip:
		x.log.Info("an automatic message is passed over", "watch", x.name, "uid", uid)
	case p.knows(id), slices.ContainsFunc(found.Items, func(f connectors.Find) bool { return f.ID == id }):
		x.log.Info("a message came again, and is passed over", "watch", x.name, "uid", uid)
	default:
		p.took(id)
		found.Items = append(found.Items, connectors.Find{ID: id, Body: x.item(m, got)})
	}
	return got.Size, nil
}

// refuse moves a message away that cannot be taken.
func (x *watching) refuse(ctx context.Context, uid uint32, why error) error {
	x.log.Error("a message is refused", "watch", x.name, "uid", uid, "folder", x.failed.Value, "reason", why)
	if x.failed.Value == "" {
		return errNoFailed
	}
	return x.box.Move(ctx, []uint32{uid}, x.failed.Value)
}

var errNoFailed = errors.New("nothing says where messages go that cannot be taken")
