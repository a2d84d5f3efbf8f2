package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"fondaco/store"
	"fondaco/store/crypt"
	"fondaco/store/record"
	"fondaco/store/storetest"
)

// sealedState is a state with two operations of one person and one of another, each with an answer.
func sealedState(t *testing.T) (*Store, store.Marks) {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), Options{Keys: storetest.Keys(t, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	rosa, bice := store.MarkOf([]byte("k"), "rosa"), store.MarkOf([]byte("k"), "bice")
	for id, of := range map[string]store.Marks{"first": rosa, "other": rosa, "bice": bice} {
		if err := s.Operations().Create(t.Context(), store.Operation{
			ID: id, State: store.Done, Created: now, Updated: now, Marks: of,
			Answer: store.Answer{Status: 200, Body: []byte("the answer of " + id)},
		}); err != nil {
			t.Fatal(err)
		}
	}
	return s, rosa
}

// TestSealedPlaces: what was encrypted for one row, for one column, or by one data key, is not opened as another's, though its
// sums are right.
func TestSealedPlaces(t *testing.T) {
	s, _ := sealedState(t)
	get := func(id string) (o record.Operation) {
		t.Helper()
		if err := s.read(t.Context(), func(r *reader) error {
			_, err := r.row(oneOperation, []any{id}, o.Whole()...)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return o
	}
	first, other, bice := get("first"), get("other"), get("bice")
	if first.DK == 0 || first.DK != other.DK || first.DK == bice.DK {
		t.Fatalf("data keys %d, %d and %d", first.DK, other.DK, bice.DK)
	}
	for name, c := range map[string]struct {
		good  bool
		spoil func(o *record.Operation)
	}{
		"as it was":        {good: true, spoil: func(*record.Operation) {}},
		"another row":      {spoil: func(o *record.Operation) { o.Body = other.Body }},
		"another column":   {spoil: func(o *record.Operation) { o.Header = o.Body }},
		"another data key": {spoil: func(o *record.Operation) { o.DK = bice.DK }},
		"cut short":        {spoil: func(o *record.Operation) { o.Body = o.Body[:len(o.Body)-1] }},
		"another bit":      {spoil: func(o *record.Operation) { o.Body = append([]byte{o.Body[0] ^ 1}, o.Body[1:]...) }},
	} {
		o := first
		c.spoil(&o)
		o.Header, o.Body = record.Blob(o.Header), record.Blob(o.Body)
		o.BodySum = record.Sum(o.Header, o.Body)
		if err := s.write(t.Context(), 0, func(x *tx) error {
			_, err := x.exec("update operation set header = ?, body = ?, body_sum = ?, dk = ?, sum = ? where id = 'first'", o.Header, o.Body,
				o.BodySum, o.DK, o.Seal())
			return err
		}); err != nil {
			t.Fatal(name, err)
		}
		got, err := s.Operations().Get(t.Context(), "first")
		switch {
		case c.good && (err != nil || string(got.Answer.Body) != "the answer of first"):
			t.Errorf("%s: %q, %v", name, got.Answer.Body, err)
		case !c.good && (!errors.Is(err, store.ErrDamaged) || !errors.Is(err, crypt.ErrAltered)):
			t.Errorf("%s: %q, %v", name, got.Answer.Body, err)
		}
	}
}

// TestShredded: who kept a copy of an erased person's row cannot open it, for its data key is gone; another's can.
func TestShredded(t *testing.T) {
	s, rosa := sealedState(t)
	ctx := t.Context()
	const columns = "id, route, owner, state, created, updated, reply_to, status, header, body, body_sum, ended, sum, dk, marks"
	change := func(texts ...string) {
		t.Helper()
		if err := s.write(ctx, 0, func(x *tx) error {
			for _, text := range texts {
				if _, err := x.exec(text); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	change("create table copied as select " + columns + " from operation")
	if done, err := s.Subjects().Erase(ctx, rosa, store.Answer{Status: 410}, now); err != nil || done.Operations != 2 {
		t.Fatal(done, err)
	}
	change("delete from operation", "insert into operation ("+columns+") select "+columns+" from copied")
	for _, id := range []string{"first", "other"} {
		if o, err := s.Operations().Get(ctx, id); err == nil || string(o.Answer.Body) != "" {
			t.Errorf("%s: %q, %v", id, o.Answer.Body, err)
		}
	}
	if o, err := s.Operations().Get(ctx, "bice"); err != nil || string(o.Answer.Body) != "the answer of bice" {
		t.Error(o, err)
	}
}

// TestSweptKeys: a data key goes with the last record that it encrypted.
func TestSweptKeys(t *testing.T) {
	s, _ := sealedState(t)
	keys := func() (n int) {
		t.Helper()
		if err := s.read(t.Context(), func(r *reader) error {
			_, err := r.row("select count(*) from data_key where subject <> '' and subject not like '#%'", nil, &n)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := keys(); n != 2 {
		t.Fatalf("%d keys of two persons", n)
	}
	if _, err := s.Sweep(t.Context(), now); err != nil || keys() != 2 {
		t.Fatal(keys(), err)
	}
	if swept, err := s.Sweep(t.Context(), now.AddDate(1, 0, 0)); err != nil || swept.Operations != 3 || keys() != 0 {
		t.Fatal(fmt.Sprint(swept), keys(), err)
	}
}
