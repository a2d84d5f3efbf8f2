package policy

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"sync"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// shelf is what processes of a test share; what a real server does is tried in cmd/fondaco.
type shelf struct {
	mu   sync.Mutex
	kept map[string][]byte
	ttl  time.Duration // of what was kept last
}

func (s *shelf) Get(_ context.Context, key string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, found := s.kept[key]
	return b, found
}

func (s *shelf) Set(_ context.Context, key string, value []byte, ttl time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[string][]byte{}
	}
	s.kept[key], s.ttl = value, ttl
}

// change does something to all that is kept.
func (s *shelf) change(how func(b []byte) []byte) {
	for key, b := range s.kept {
		s.kept[key] = how(bytes.Clone(b))
	}
}

var fine = schema.RecordType(
	schema.Field{Name: "importo", Type: schema.TypeDecimal, Required: true},
	schema.Field{Name: "data", Type: schema.TypeDate},
	schema.Field{Name: "nota", Type: schema.TypeText.OrNull()},
	schema.Field{Name: "stato", Type: &schema.Type{Kind: schema.KindText, Enum: []schema.Value{schema.Text("aperta"), schema.Text("pagata")}}},
)

func a(state string) schema.Value {
	return schema.RecordOf(fine, schema.DecimalText("10.50"), schema.TextOf(schema.KindDate, "2026-01-31"), schema.Null,
		schema.Text(state))
}

// process returns calls of an operation in a process of their own.
func process(t *testing.T, s *shelf, want *schema.Type, print byte, k Keep, system connectors.Call) connectors.Call {
	t.Helper()
	set := Merge(Set{Cache: &k}, Set{})
	sh := NewShared("s", set, remember(t, 1<<20), nil)
	sh.Share(s, [32]byte{print})
	op := &connectors.Operation{Name: "o", Effect: connectors.Read, Output: want}
	return system.With(set.Policies(op, want, sh)...)
}

// counts is a system that returns v and counts how often it was asked.
func counts(calls *int, v schema.Value) connectors.Call {
	return func(context.Context, schema.Value) (schema.Value, error) {
		*calls++
		return v, nil
	}
}

func asked(t *testing.T, call connectors.Call, in int64, want string) {
	t.Helper()
	v, err := call(background, schema.Int(in))
	if got := string(codec.AppendJSON(nil, v)); err != nil || got != want {
		t.Errorf("found %s, %v; expected %s", got, err, want)
	}
}

const openFine = `{"importo":10.50,"data":"2026-01-31","nota":null,"stato":"aperta"}`

// TestShared: what one process was answered another has without asking, exact and laid out by its own type; for another
// input, another type, another system or version of a connector it asks.
func TestShared(t *testing.T) {
	var s shelf
	calls := 0
	hour := Keep{TTL: time.Hour, Stale: time.Hour}
	asked(t, process(t, &s, fine, 1, hour, counts(&calls, a("aperta"))), 7, openFine)
	if calls != 1 || len(s.kept) != 1 || s.ttl != 2*time.Hour {
		t.Fatalf("%d calls, %d answers kept for %s", calls, len(s.kept), s.ttl)
	}
	again := schema.RecordType(fine.Fields...)
	second := process(t, &s, again, 1, hour, counts(&calls, schema.Null))
	asked(t, second, 7, openFine)
	asked(t, second, 7, openFine)
	if v, _ := second(background, schema.Int(7)); v.Type() != again || calls != 1 {
		t.Errorf("laid out by another type, after %d calls", calls)
	}
	asked(t, process(t, &s, fine, 1, hour, counts(&calls, a("pagata"))), 8,
		`{"importo":10.50,"data":"2026-01-31","nota":null,"stato":"pagata"}`)
	asked(t, process(t, &s, fine, 2, hour, counts(&calls, a("aperta"))), 7, openFine)
	other := schema.RecordType(fine.Fields[0])
	asked(t, process(t, &s, other, 1, hour, counts(&calls, schema.RecordOf(other, schema.Int(1)))), 7, `{"importo":1}`)
	if calls != 4 || len(s.kept) != 4 {
		t.Errorf("%d calls, %d answers kept; expected 4", calls, len(s.kept))
	}
}

// TestSharedAge: an answer is as old as it is, in whatever process.
func TestSharedAge(t *testing.T) {
	k := Keep{TTL: time.Minute, Stale: time.Hour}
	for age, want := range map[time.Duration]struct {
		calls int
		down  string
	}{
		0: {0, openFine}, 59 * time.Second: {0, openFine}, 61 * time.Second: {1, openFine}, 60 * time.Minute: {1, openFine},
		61*time.Minute + time.Second: {1, ""}, -4 * time.Second: {0, openFine}, -time.Minute: {1, ""},
	} {
		var s shelf
		calls := 0
		asked(t, process(t, &s, fine, 1, k, counts(&calls, a("aperta"))), 7, openFine)
		s.change(func(b []byte) []byte {
			binary.BigEndian.PutUint64(b, uint64(time.Now().Add(-age).UnixMicro()))
			return b
		})
		kept := maps.Clone(s.kept)
		calls = 0
		asked(t, process(t, &s, fine, 1, k, counts(&calls, a("aperta"))), 7, openFine)
		if calls != want.calls {
			t.Errorf("%s old: %d calls", age, calls)
		}
		s.kept = kept
		down := process(t, &s, fine, 1, k, func(context.Context, schema.Value) (schema.Value, error) {
			return schema.Value{}, fault(connectors.Unavailable, true)
		})
		if v, err := down(background, schema.Int(7)); (err == nil) != (want.down != "") || err == nil &&
			string(codec.AppendJSON(nil, v)) != want.down {
			t.Errorf("%s old, and the system down: %s, %v", age, codec.AppendJSON(nil, v), err)
		}
	}
}

// TestSharedLies: whatever is found that is not an answer of the type is not believed: the system is asked.
func TestSharedLies(t *testing.T) {
	moment := binary.BigEndian.AppendUint64(nil, uint64(time.Now().UnixMicro()))
	written := func(v schema.Value, of *schema.Type) []byte {
		b, err := codec.AppendBinaryWithin(bytes.Clone(moment), v, of, math.MaxInt)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	other := schema.RecordType(schema.Field{Name: "importo", Type: schema.TypeText}, fine.Fields[1], fine.Fields[2], fine.Fields[3])
	for name, lie := range map[string][]byte{
		"nothing": {}, "a few bytes": []byte("abc"), "a moment": moment, "text": []byte("12345678 a text of another program"),
		"another type":      written(schema.RecordOf(other, schema.Text("x"), schema.Value{}, schema.Null, schema.Text("aperta")), other),
		"out of the enum":   written(a("rubata"), fine),
		"required, missing": written(schema.RecordOf(fine, schema.Value{}, schema.Value{}, schema.Null, schema.Text("aperta")), fine),
		"null":              written(schema.Null, fine),
		"longer":            append(written(a("aperta"), fine), 'z'),
		"cut":               written(a("aperta"), fine)[:20],
	} {
		var s shelf
		calls := 0
		asked(t, process(t, &s, fine, 1, Keep{TTL: time.Hour, Stale: time.Hour}, counts(&calls, a("aperta"))), 7, openFine)
		s.change(func([]byte) []byte { return lie })
		asked(t, process(t, &s, fine, 1, Keep{TTL: time.Hour, Stale: time.Hour}, counts(&calls, a("aperta"))), 7, openFine)
		if calls != 2 {
			t.Errorf("%s was believed", name)
		}
	}
}

// TestNotShared: secrets, and answers that are not as their type says, stay in the process.
func TestNotShared(t *testing.T) {
	token := schema.RecordType(schema.Field{Name: "tickets", Type: schema.ListOf(&schema.Type{Kind: schema.KindText, Secret: true})})
	for name, c := range map[string]struct {
		want *schema.Type
		v    schema.Value
	}{
		"a secret":        {token, schema.RecordOf(token, schema.List([]schema.Value{schema.Text("s3cret")}))},
		"not of the enum": {fine, a("rubata")},
		"another layout":  {fine, schema.RecordOf(token, schema.List(nil))},
	} {
		var s shelf
		calls := 0
		call := process(t, &s, c.want, 1, Keep{TTL: time.Hour}, counts(&calls, c.v))
		want := string(codec.AppendJSON(nil, c.v))
		asked(t, call, 7, want)
		asked(t, call, 7, want)
		if calls != 1 || len(s.kept) != 0 {
			t.Errorf("%s: %d calls, %s is shared", name, calls, fmt.Sprint(s.kept))
		}
	}
}
