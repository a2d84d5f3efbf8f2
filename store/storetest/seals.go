package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/crypt"
)

// SharedPlace is where one test's state lives, which several processes may have open.
type SharedPlace struct {
	// Open opens the state with keys. The caller closes it.
	Open func(crypt.Keys) (store.Store, error)
}

// Seals tries what is promised of store.Seals. other is a place of another state.
func Seals(t *testing.T, newPlace func(t *testing.T) SharedPlace) {
	here, other := newPlace(t), newPlace(t)
	open := func(at SharedPlace, each ...byte) *sealer {
		t.Helper()
		s, err := at.Open(Keys(t, each...))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return &sealer{&bench{T: t, s: s}, s.(store.Sealer).Seals()}
	}
	one, two, foreign := open(here, 1), open(here, 1), open(other, 1)
	const place, text = "topic id", marker + " text"
	of := map[store.Marks]store.Sealed{}
	for _, marks := range []store.Marks{rosa, bice, rosa + " " + bice, ""} {
		sealed := one.seal(marks, place, text)
		if strings.Contains(string(sealed.Value), marker) {
			t.Error("what is sealed can be read")
		}
		two.reads(place, sealed, text)
		of[marks] = sealed
	}
	if of[rosa].Key == of[bice].Key || of[rosa].Key == of[""].Key {
		t.Errorf("persons have one key: %v", of)
	}
	if again := one.seal(rosa, place, text); again.Key != of[rosa].Key || string(again.Value) == string(of[rosa].Value) {
		t.Error("one person has two keys, or one text is sealed the same twice")
	}

	// It is opened at its place alone, by its state alone, and as it was sealed.
	one.refuses("another place", "topic other", of[rosa], store.ErrDamaged)
	foreign.refuses("another state", place, of[rosa], store.ErrElsewhere)
	altered := store.Sealed{Key: of[rosa].Key, Value: append([]byte{of[rosa].Value[0] ^ 1}, of[rosa].Value[1:]...)}
	one.refuses("altered", place, altered, store.ErrDamaged)
	number, rest, _ := strings.Cut(of[rosa].Key, ".")
	for what, key := range map[string]string{
		"of a number that is not there": "999999." + rest, "of another key of that number": number + "." + rest[:len(rest)-1] + "x",
		"not a number": "x", "that is empty": "", "negative": "-1." + rest,
	} {
		one.refuses("a key "+what, place, store.Sealed{Key: key, Value: of[rosa].Value}, store.ErrDamaged)
	}

	// What is compared is the same everywhere, and cannot be read.
	a, err := one.Blind(t.Context(), marker)
	one.must(err)
	b, err := two.Blind(t.Context(), marker)
	two.must(err)
	c, err := foreign.Blind(t.Context(), marker)
	foreign.must(err)
	if a != b || a == c || strings.Contains(a, marker) {
		t.Errorf("a text is compared by %s, %s and %s", a, b, c)
	}

	erasedSeals(t, one, two, place, of)
	unheardSeals(t, one, two, place)

	// A change of the key of the configuration leaves all of it as it was, and what is left of a destroyed key is no hindrance.
	after := open(here, 2, 1)
	_, err = after.s.Rewrap(t.Context())
	after.must(err)
	after = open(here, 2)
	after.reads(place, of[bice], text)
	after.refuses("erased, with another key", place, of[rosa], store.ErrErased)
}

// erasedSeals: a person's keys are destroyed, those of others are not. Who was about to seal with one learns it from Kept.
func erasedSeals(t *testing.T, one, two *sealer, place string, of map[store.Marks]store.Sealed) {
	t.Helper()
	two.seal(rosa, place, marker)                                              // it knows the key from now on
	_, err := one.s.Subjects().Erase(t.Context(), rosa, store.Answer{}, start) // records have keys of their own
	one.must(err)
	two.reads(place, of[rosa], marker+" text")
	n, err := one.Shred(t.Context(), rosa)
	one.must(err)
	equal(one.bench, "keys destroyed", n, 2) // her own, and the one that she shares
	late := two.seal(rosa, place, marker)    // by a process that has not heard of it
	for what, key := range map[string]string{"late": late.Key, "hers": of[rosa].Key} {
		if kept, err := two.Kept(t.Context(), of[""].Key, key); err != nil || kept {
			t.Errorf("%s: the key is said to be kept: %v", what, err)
		}
	}
	fresh := two.seal(rosa, place, marker)
	if kept, err := two.Kept(t.Context(), fresh.Key, of[""].Key, of[bice].Key); err != nil || !kept {
		t.Error("keys that are there are said to be gone", err)
	}
	one.reads(place, fresh, marker)
	for _, s := range []*sealer{one, two} {
		s.refuses("erased", place, of[rosa], store.ErrErased)
		s.refuses("shared with one who was erased", place, of[rosa+" "+bice], store.ErrErased)
		s.reads(place, of[bice], marker+" text")
		s.reads(place, of[""], marker+" text")
	}
	if _, err := one.Shred(t.Context(), ""); err == nil {
		t.Error("keys of nobody are destroyed")
	}
}

// unheardSeals: a process that has long used a person's key, and asks nothing, seals with another some seconds after it was destroyed.
func unheardSeals(t *testing.T, one, two *sealer, place string) {
	t.Helper()
	one.reads(place, two.seal(rosa, place, marker), marker)
	if _, err := one.Shred(t.Context(), rosa); err != nil {
		t.Fatal(err)
	}
	var err error
	for range 20 { // seconds; seldom enough that no count of values runs out
		sealed := two.seal(rosa, place, marker)
		if _, err = one.Open(t.Context(), place, sealed); err == nil {
			return
		}
		time.Sleep(time.Second)
	}
	t.Errorf("what it seals can be read by nobody: %v", err)
}

type sealer struct {
	*bench
	store.Seals
}

func (s *sealer) seal(marks store.Marks, at, text string) store.Sealed {
	s.Helper()
	sealed, err := s.Seal(s.Context(), marks, at, []byte(text))
	s.must(err)
	return sealed
}

func (s *sealer) reads(at string, sealed store.Sealed, want string) {
	s.Helper()
	if text, err := s.Open(s.Context(), at, sealed); err != nil || string(text) != want {
		s.Errorf("%s is opened as %q, %v", sealed.Key, text, err)
	}
}

func (s *sealer) refuses(what, at string, sealed store.Sealed, want error) {
	s.Helper()
	if text, err := s.Open(s.Context(), at, sealed); !errors.Is(err, want) {
		s.Errorf("%s: it is opened as %q, %v; expected %v", what, text, err, want)
	}
}
