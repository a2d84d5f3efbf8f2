package postgres

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"sync/atomic"

	"fondaco/connectors/database/driver"
	"fondaco/schema"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"
)

// Player is what a simulated server answers. It is called concurrently.
type Player interface {
	// Login reports whether a user may come in with a password.
	Login(user, password string) bool
	// Shape returns what a statement takes and returns.
	Shape(text string) (*Shape, *driver.Error)
	// Play runs a statement: arguments in the text format, nil for null. It honours ctx.
	Play(ctx context.Context, text string, args [][]byte) (*Answer, *driver.Error)
}

// Shape is what a statement takes and returns.
type Shape struct {
	Args    int
	Columns []driver.Column
}

// Answer is what a statement returns.
type Answer struct {
	Rows     [][]driver.Cell // as many cells as the shape has columns
	Affected int64           // of a statement without columns
}

// Server plays a server of PostgreSQL: its messages of logging in, of statements with parameters in the text format, of cancelling. It
// is safe for concurrent use.
type Server struct {
	player atomic.Pointer[Player]
	down   atomic.Bool

	mu       sync.Mutex
	listener net.Listener // nil while it is stopped
	cancel   context.CancelFunc
	sessions map[uint32]*session
	last     uint32
	running  sync.WaitGroup
}

// NewServer makes a server that was not started.
func NewServer(p Player) *Server {
	s := &Server{sessions: map[uint32]*session{}}
	s.Play(p)
	return s
}

// Play has statements answered by p from here on.
func (s *Server) Play(p Player) { s.player.Store(&p) }

// Player returns who answers.
func (s *Server) Player() Player { return *s.player.Load() }

// Down has the connection closed with each statement that comes, until it is told otherwise.
func (s *Server) Down(down bool) { s.down.Store(down) }

// errRunning reports a second start.
var errRunning = errors.New("the simulator runs already, expected it to be stopped")

// Start listens, and returns the address.
func (s *Server) Start(network, address string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return "", errRunning
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.listener, s.cancel = l, cancel
	s.running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.take(ctx, conn)
		}
	})
	return l.Addr().String(), nil
}

// take serves a connection, unless the server was stopped meanwhile.
func (s *Server) take(ctx context.Context, conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		_ = conn.Close()
		return
	}
	s.last++
	one := &session{
		server: s, conn: conn, backend: pgproto3.NewBackend(conn, conn), number: s.last, key: make([]byte, 4),
		texts: map[string]string{},
	}
	_, _ = rand.Read(one.key) // it never fails
	s.sessions[one.number] = one
	s.running.Go(func() {
		defer s.forget(one)
		one.serve(ctx)
	})
}

func (s *Server) forget(one *session) {
	_ = one.conn.Close()
	s.mu.Lock()
	delete(s.sessions, one.number)
	s.mu.Unlock()
}

// Stop closes the listener and every connection, and waits until nothing runs.
func (s *Server) Stop() {
	s.mu.Lock()
	if s.listener == nil {
		s.mu.Unlock()
		return
	}
	_ = s.listener.Close()
	s.listener = nil
	s.cancel()
	for _, one := range s.sessions {
		_ = one.conn.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// stopped cancels the statement of a session for somebody who knows its key.
func (s *Server) stopped(number uint32, key []byte) {
	s.mu.Lock()
	one := s.sessions[number]
	s.mu.Unlock()
	if one != nil && string(one.key) == string(key) {
		one.mu.Lock()
		defer one.mu.Unlock()
		if one.cancel != nil {
			one.cancel()
		}
	}
}

// oids are the types of columns.
var oids = map[schema.Kind]uint32{
	schema.KindBool: pgtype.BoolOID, schema.KindInt: pgtype.Int8OID, schema.KindDecimal: pgtype.NumericOID, schema.KindBytes: pgtype.ByteaOID,
	schema.KindDate: pgtype.DateOID, schema.KindTime: pgtype.TextOID, schema.KindDateTime: pgtype.TimestamptzOID,
	schema.KindDateTimeLocal: pgtype.TimestampOID,
	schema.KindList:          pgtype.JSONOID,
	schema.KindRecord:        pgtype.JSONOID, schema.KindMap: pgtype.JSONOID, schema.KindAny: pgtype.JSONOID,
}

// head is the description of a statement's columns.
func head(columns []driver.Column) pgproto3.BackendMessage {
	if len(columns) == 0 {
		return &pgproto3.NoData{}
	}
	d := &pgproto3.RowDescription{}
	for _, c := range columns {
		oid := oids[c.Kind]
		if oid == 0 {
			oid = pgtype.TextOID
		}
		d.Fields = append(d.Fields, pgproto3.FieldDescription{Name: []byte(c.Name), DataTypeOID: oid, DataTypeSize: -1, TypeModifier: -1})
	}
	return d
}

// secret is how the key of a session is written for the client.
func (s *session) secret() []byte {
	return binary.BigEndian.AppendUint32(nil, binary.BigEndian.Uint32(s.key))
}
