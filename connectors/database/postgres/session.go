package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"

	"fondaco/connectors/database/driver"
	"fondaco/schema"

	"github.com/jackc/pgx/v5/pgproto3"
)

// session is one connection of a simulated server.
type session struct {
	server  *Server
	conn    net.Conn
	backend *pgproto3.Backend
	number  uint32
	key     []byte
	texts   map[string]string // of the statements that are prepared

	bound string   // the statement of the portal
	args  [][]byte // its arguments
	skip  bool     // up to the next Sync, after an error

	mu     sync.Mutex
	cancel context.CancelFunc // of the statement that runs, nil if none does
}

// serve answers messages until the client goes.
func (s *session) serve(ctx context.Context) {
	if !s.login() {
		return
	}
	for {
		m, err := s.backend.Receive()
		if err != nil || !s.take(ctx, m) {
			return
		}
	}
}

// login answers the first messages.
func (s *session) login() bool {
	for {
		m, err := s.backend.ReceiveStartupMessage()
		if err != nil {
			return false
		}
		switch m := m.(type) {
		case *pgproto3.SSLRequest, *pgproto3.GSSEncRequest:
			if _, err := s.conn.Write([]byte("N")); err != nil {
				return false
			}
		case *pgproto3.CancelRequest:
			s.server.stopped(m.ProcessID, m.SecretKey)
			return false
		case *pgproto3.StartupMessage:
			return s.authenticate(m.Parameters["user"])
		default:
			return false
		}
	}
}

func (s *session) authenticate(user string) bool {
	s.backend.Send(&pgproto3.AuthenticationCleartextPassword{})
	if s.backend.Flush() != nil || s.backend.SetAuthType(pgproto3.AuthTypeCleartextPassword) != nil {
		return false
	}
	m, err := s.backend.Receive()
	password, ok := m.(*pgproto3.PasswordMessage)
	if err != nil || !ok {
		return false
	}
	if !s.server.Player().Login(user, password.Password) {
		s.backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: "password authentication failed"})
		_ = s.backend.Flush()
		return false
	}
	s.backend.Send(&pgproto3.AuthenticationOk{})
	for _, p := range [...][2]string{
		{"server_version", "15.0"},
		{"server_encoding", "UTF8"},
		{"client_encoding", "UTF8"},
		{"standard_conforming_strings", "on"},
		{"integer_datetimes", "on"},
		{"DateStyle", "ISO, YMD"},
		{"TimeZone", "UTC"},
	} {
		s.backend.Send(&pgproto3.ParameterStatus{Name: p[0], Value: p[1]})
	}
	s.backend.Send(&pgproto3.BackendKeyData{ProcessID: s.number, SecretKey: s.secret()})
	return s.ready()
}

func (s *session) ready() bool {
	s.backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	return s.backend.Flush() == nil
}

// take answers one message, and reports whether the session goes on.
func (s *session) take(ctx context.Context, m pgproto3.FrontendMessage) bool {
	switch m := m.(type) {
	case *pgproto3.Terminate:
		return false
	case *pgproto3.Sync:
		s.skip = false
		return s.ready()
	case *pgproto3.Query:
		return s.simple(m.String)
	case *pgproto3.Flush:
		return s.backend.Flush() == nil
	}
	if s.skip {
		return true
	}
	switch m := m.(type) {
	case *pgproto3.Parse:
		if _, err := s.server.Player().Shape(m.Query); err != nil {
			s.fail(err)
			return true
		}
		s.texts[m.Name] = m.Query
		s.backend.Send(&pgproto3.ParseComplete{})
	case *pgproto3.Describe:
		s.describe(m)
	case *pgproto3.Bind:
		s.bind(m)
	case *pgproto3.Execute:
		return s.execute(ctx)
	case *pgproto3.Close:
		if m.ObjectType == 'S' {
			delete(s.texts, m.Name)
		}
		s.backend.Send(&pgproto3.CloseComplete{})
	default:
		s.fail(&driver.Error{Kind: driver.Other, Text: "the simulator does not know this message"})
	}
	return true
}

// simple answers a statement without parameters: those by which clients ping and arrange their session.
func (s *session) simple(text string) bool {
	word, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(text)), " ")
	switch strings.TrimSuffix(word, ";") {
	case "", "--":
		s.backend.Send(&pgproto3.EmptyQueryResponse{})
	case "BEGIN", "COMMIT", "ROLLBACK", "SET", "DISCARD", "DEALLOCATE":
		s.backend.Send(&pgproto3.CommandComplete{CommandTag: []byte(word)})
	default:
		s.fail(&driver.Error{Kind: driver.Schema, Text: "the simulator answers the statements of the connector's operations alone"})
		s.skip = false
	}
	return s.ready()
}

func (s *session) describe(m *pgproto3.Describe) {
	text := s.bound
	if m.ObjectType == 'S' {
		text = s.texts[m.Name]
	}
	shape, err := s.server.Player().Shape(text)
	if err != nil {
		s.fail(err)
		return
	}
	if m.ObjectType == 'S' {
		s.backend.Send(&pgproto3.ParameterDescription{ParameterOIDs: make([]uint32, shape.Args)})
	}
	s.backend.Send(head(shape.Columns))
}

func (s *session) bind(m *pgproto3.Bind) {
	text, known := s.texts[m.PreparedStatement]
	if !known {
		s.fail(&driver.Error{Kind: driver.Schema, Code: "26000", Text: "there is no such prepared statement"})
		return
	}
	for _, format := range append(m.ParameterFormatCodes, m.ResultFormatCodes...) {
		if format != pgproto3.TextFormat {
			s.fail(&driver.Error{Kind: driver.Other, Code: "0A000", Text: "the simulator speaks the text format alone"})
			return
		}
	}
	s.bound, s.args = text, nil
	for _, p := range m.Parameters {
		if p != nil {
			p = append([]byte{}, p...) // the message is read over
		}
		s.args = append(s.args, p)
	}
	s.backend.Send(&pgproto3.BindComplete{})
}

func (s *session) execute(ctx context.Context) bool {
	if s.server.down.Load() {
		return false
	}
	own, cancel := context.WithCancel(ctx)
	defer cancel()
	s.running(cancel)
	answer, err := s.server.Player().Play(own, s.bound, s.args)
	s.running(nil)
	switch {
	case ctx.Err() != nil:
		return false
	case own.Err() != nil:
		err = &driver.Error{Kind: driver.Late, Text: "canceling statement due to user request"}
	}
	if err != nil {
		s.fail(err)
		return true
	}
	shape, err := s.server.Player().Shape(s.bound)
	if err != nil {
		s.fail(err)
		return true
	}
	for _, row := range answer.Rows {
		values := make([][]byte, len(row))
		for i, c := range row {
			values[i] = shown(c, shape.Columns[min(i, len(shape.Columns)-1)].Kind)
		}
		s.backend.Send(&pgproto3.DataRow{Values: values})
	}
	tag := "SELECT " + strconv.Itoa(len(answer.Rows))
	if len(shape.Columns) == 0 {
		tag = fmt.Sprintf("UPDATE %d", answer.Affected)
	}
	s.backend.Send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
	return true
}

func (s *session) running(cancel context.CancelFunc) {
	s.mu.Lock()
	s.cancel = cancel
	s.mu.Unlock()
}

// fail says an error, and passes over what comes before the next Sync.
func (s *session) fail(err *driver.Error) {
	code := err.Code
	if code == "" {
		code = codes[err.Kind]
	}
	s.backend.Send(&pgproto3.ErrorResponse{
		Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: code, Message: err.Text, ConstraintName: err.Constraint, TableName: err.Table,
		ColumnName: err.Column,
	})
	s.skip = true
}

// shown writes a cell in the text format, as a server with our settings does; nil for null.
func shown(c driver.Cell, kind schema.Kind) []byte {
	switch {
	case c.Null:
		return nil
	case c.Octets:
		return append([]byte(`\x`), hex.AppendEncode(nil, []byte(c.Text))...)
	case kind == schema.KindBool:
		return []byte(c.Text[:1])
	case (kind == schema.KindDateTime || kind == schema.KindDateTimeLocal) && len(c.Text) > 10:
		text := c.Text[:10] + " " + c.Text[11:]
		return []byte(strings.Replace(text, "Z", "+00", 1))
	}
	return append([]byte{}, c.Text...)
}
