package databasetest

import (
	"context"
	_ "embed"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/database"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// Server is a real database for tests, with nothing in it.
type Server struct {
	Address        string // as a connector writes it
	Host           string // host:port, "" for a file
	User, Password string
	// Say runs statements as somebody who may do everything.
	Say func(t testing.TB, statements ...string)
	// Types are the words for the types of columns: decimal with two digits behind the point, date, moment, flag, octets, long (text).
	Types map[string]string
	// Slow is a statement that returns x after half a minute or more.
	Slow string
	// Sneaky is a statement that looks as if it read, inserts :codice into cose, and returns it.
	Sneaky string
	// Lock locks the row of cose whose codice is bloccata until release is called. Nil if a database locks otherwise.
	Lock func(t testing.TB) (release func())
	// Begin runs a statement in a transaction that goes on until commit is called. Nil if a database has one that writes at a time.
	Begin func(t testing.TB, statement string) (commit func())
	// Ordered says that the database knows which transactions are under way, and wakes those who listen: it is PostgreSQL.
	Ordered bool
}

//go:embed connector.yaml
var connector string

// suite is the system on a server.
type suite struct {
	server    Server
	connector *connectors.Connector
	caller    connectors.Caller
}

// Run tries everything on a server.
func Run(t *testing.T, server Server) {
	t.Helper()
	tables := `
		create table cose (codice varchar(40) not null primary key, importo DECIMAL not null check (importo < 1000000000),
			nota LONG, giorno DATE, quando MOMENT, attivo FLAG, pezzi bigint, dati OCTETS);
		create table figlie (cosa varchar(40) not null references cose (codice), etichetta varchar(10) not null, constraint figlie_etichetta_uq unique (etichetta));
		insert into cose (codice, importo) values ('bloccata', 1)`
	for _, word := range slices.Sorted(maps.Keys(server.Types)) {
		tables = strings.ReplaceAll(tables, strings.ToUpper(word), server.Types[word])
	}
	server.Say(t, strings.Split(tables, ";")...)
	s := &suite{server: server, connector: load(t, server)}
	s.caller = s.open(t, server.Address)
	for _, part := range []struct {
		name string
		test func(*suite, *testing.T)
	}{
		{"values", (*suite).values},
		{"no injection", (*suite).injection},
		{"results", (*suite).results},
		{"constraints", (*suite).constraints},
		{"what does not fit", (*suite).unfit},
		{"reading changes nothing", (*suite).reads},
		{"deadline", (*suite).deadline},
		{"lock", (*suite).lock},
		{"watches", (*suite).watches},
		{"broken", (*suite).broken},
		{"away", (*suite).away},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(s, t) })
	}
}

// load reads the connector with a server's own statements.
func load(t *testing.T, server Server) *connectors.Connector {
	t.Helper()
	text := strings.NewReplacer("SLOW", server.Slow, "SNEAKY", server.Sneaky).Replace(connector)
	var out diag.List
	c := connectors.Load(fstest.MapFS{connectors.File: {Data: []byte(text)}}, ".", connectors.Registry{database.Protocol}, transform.Constants{}, &out, diag.Pos{})
	for _, x := range out.Sorted() {
		t.Errorf("%s: %s %s %s", x.Pos, x.Code, x.Message, x.Hint)
	}
	if c == nil || t.Failed() {
		t.FailNow()
	}
	return c
}

// open opens the system at an address until the test ends.
func (s *suite) open(t *testing.T, address string) connectors.Caller {
	t.Helper()
	sys := &connectors.System{Name: "prova", Connector: s.connector, Params: map[string]config.Ref{}}
	sys.Override("address", address)
	sys.Override("user", s.server.User)
	sys.Override("password", s.server.Password)
	caller, err := s.connector.Protocol.Open(t.Context(), sys, connectors.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := caller.Close(); err != nil {
			t.Error(err)
		}
	})
	return caller
}

// call calls an operation; input and answer are JSON.
func call(ctx context.Context, t *testing.T, s *suite, caller connectors.Caller, operation, input string) (string, *connectors.Fault) {
	t.Helper()
	op := s.connector.Operation(operation)
	do, err := caller.Call(op, op.Output)
	if err != nil {
		t.Fatal(err)
	}
	in, err := codec.CompileJSON(op.Input, codec.JSONOptions{}).Decode([]byte(input))
	if err != nil {
		t.Fatalf("%s: %v", input, err)
	}
	v, err := do(ctx, in)
	if err == nil {
		if wrong := schema.Check(v, op.Output); wrong != nil {
			t.Errorf("%s: the answer does not fit its type: %v", operation, wrong)
		}
		return string(codec.AppendJSON(nil, v)), nil
	}
	f := connectors.AsFault(err)
	if f == nil || f.System != "prova" || f.Operation != operation {
		t.Fatalf("%s: %v", operation, err)
	}
	if text := f.Error() + f.Detail + f.Path; strings.Contains(text, canary) {
		t.Errorf("%s: the fault holds a value: %s", operation, text)
	}
	return "", f
}

// canary stands for personal data.
const canary = "RSSMRA80A01L736U"

// expect calls an operation that answers.
func (s *suite) expect(t *testing.T, operation, input, want string) {
	t.Helper()
	if got, f := call(t.Context(), t, s, s.caller, operation, input); f != nil || got != want {
		t.Errorf("%s %.200s:\nfound    %s %v\nexpected %s", operation, input, got, f, want)
	}
}

// fails calls an operation that fails with a kind; its error has a text in it.
func (s *suite) fails(t *testing.T, operation, input string, kind connectors.FaultKind, text string) {
	t.Helper()
	_ = s.fault(t, operation, input, kind, text)
}

// fault is fails for those who look at the fault.
func (s *suite) fault(t *testing.T, operation, input string, kind connectors.FaultKind, text string) *connectors.Fault {
	t.Helper()
	got, f := call(t.Context(), t, s, s.caller, operation, input)
	if f == nil {
		t.Errorf("%s %s: found %s, expected the fault %s", operation, input, got, kind)
		return &connectors.Fault{}
	}
	if f.Kind != kind || !strings.Contains(f.Error(), text) {
		t.Errorf("%s %s: found %v, expected %s with %q", operation, input, f, kind, text)
	}
	return f
}
