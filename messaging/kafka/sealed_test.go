package kafka

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
	"fondaco/store"
	"fondaco/store/crypt"
)

// sealing encrypts as a state does, with a key for each marks; the state itself is tried by cmd/fondaco.
type sealing struct {
	mu   sync.Mutex
	away error
	gone map[string]bool
	next map[string]string // by marks: the key that is sealed with once Kept has found that the one before is gone; nil for none
	now  map[string]string
}

func (s *sealing) key(name string) *crypt.DataKey {
	sum := sha256.Sum256([]byte("key of " + name))
	return crypt.Use(1, sum[:])
}

func (s *sealing) On() bool { return true }

func (s *sealing) Seal(_ context.Context, marks store.Marks, at string, text []byte) (store.Sealed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := "of " + string(marks)
	if other := s.now[string(marks)]; other != "" {
		name = other
	}
	return store.Sealed{Key: name, Value: s.key(name).Seal(crypt.Place{Row: at}, text)}, s.away
}

func (s *sealing) Kept(_ context.Context, keys ...string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := !slices.ContainsFunc(keys, func(key string) bool { return s.gone[key] })
	if !kept && s.next != nil {
		s.now = s.next
	}
	return kept, s.away
}

func (s *sealing) Open(_ context.Context, at string, sealed store.Sealed) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone[sealed.Key] || s.away != nil {
		return nil, errors.Join(s.away, store.ErrErased)
	}
	text, err := s.key(sealed.Key).Open(crypt.Place{Row: at}, sealed.Value)
	if err != nil {
		return nil, store.ErrDamaged
	}
	return text, nil
}

func (s *sealing) Blind(_ context.Context, text string) (string, error) {
	return hex.EncodeToString(s.key("index").Blind(text)), nil
}

func (s *sealing) Shred(_ context.Context, mark store.Marks) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone["of "+string(mark)] = true
	return 1, nil
}

// sealsOf encrypts messages, and those of the type several line by line: each begins with its marks and a colon.
func sealsOf(s store.Seals) *Seals {
	const several = "several"
	return &Seals{
		Seals: s,
		Of: func(m messaging.Message) store.Marks {
			if m.Type == several {
				return ""
			}
			return store.Marks(m.Extension(messaging.ExtensionMarks))
		},
		Apart: func(m messaging.Message) (messaging.Message, []messaging.Part, bool) {
			var parts []messaging.Part
			for line := range strings.Lines(string(m.Body)) {
				marks, text, _ := strings.Cut(line, ":")
				parts = append(parts, messaging.Part{Marks: marks, Body: []byte(text)})
			}
			m.Body = []byte("these:\n")
			return m, parts, m.Type == several
		},
		Together: func(m messaging.Message, parts []messaging.Part) messaging.Message {
			for _, one := range parts {
				m.Body = append(append(append(m.Body, one.Marks...), ':'), one.Body...)
			}
			return m
		},
	}
}

// sealedWork keeps what a consumer is given.
type sealedWork struct {
	mu                      sync.Mutex
	handled, erased, buried []string
}

func (w *sealedWork) add(list *[]string, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*list = append(*list, text)
}

func (w *sealedWork) Keep(_ context.Context, _, _ string, m messaging.Message, reason messaging.Reason, detail, _ string) error {
	w.add(&w.buried, m.ID+" "+string(reason)+" "+detail)
	return nil
}

func (w *sealedWork) Settle(_ context.Context, _, _ string, m messaging.Message, _ bool) error {
	w.add(&w.erased, "letter "+m.Replay.Letter)
	return nil
}

// TestSealed: of messages of the engine's own topics no byte of key, headers and body can be read on the cluster; declared topics are
// as they were. They keep their order by key and their due times. What was there before is read on; what was put elsewhere, or altered,
// is damaged; of a person who was erased the work ends; and a message is not accepted whose data key was destroyed meanwhile.
func TestSealed(t *testing.T) {
	n := kafkatest.New(t)
	seals := &sealing{gone: map[string]bool{}}
	const engine, declared, canary = messaging.EnginePrefix + "pay", "declared", "CANARY-OF-A-CITIZEN"
	o := ofProject(n, "port")
	o.Partitions = 1
	plain := opened(t, o)
	o.Seals = sealsOf(seals)
	b := opened(t, o)
	for _, one := range []*Broker{plain, b} {
		keep(t, one, engine, messaging.Reader{Group: "fondaco"})
		keep(t, one, declared)
	}
	message := func(id, marks string) messaging.Message {
		m := messaging.Message{
			ID: id, Source: "/s", Type: "t " + canary, Key: "key " + canary, Subject: canary,
			Body: []byte("body of " + id + " " + canary),
		}
		if marks != "" {
			m.Extensions = []messaging.Attribute{{Name: messaging.ExtensionMarks, Value: marks}}
		}
		return m
	}
	publish(t, plain, engine, message("before", ""))
	late := message("late", "")
	late.Due = time.Now().Add(2 * time.Second)
	largest := message("largest", "")
	largest.Body = bytes.Repeat([]byte("x"), messaging.MaxBody)
	replay := message("replayed", "bice")
	replay.Replay = messaging.Replay{Letter: "l1", Group: "fondaco", Number: 1}
	for _, m := range []messaging.Message{message("rosa's", "rosa"), message("bice's", "bice"), replay, late, message("last", ""), largest} {
		publish(t, b, engine, m)
	}
	publish(t, b, declared, message("open", "rosa"))
	name := b.names().Topic(engine)
	records := n.Records(name)
	var rosas kafkatest.Record
	for _, r := range records {
		readable := strings.Contains(r.Key+r.Value, canary)
		id := ""
		for _, h := range r.Headers {
			readable = readable || strings.Contains(h[1], canary)
			if h[0] == "ce_id" {
				id = h[1]
			}
		}
		if readable != (id == "before") {
			t.Errorf("%s can be read: %t", id, readable)
		}
		if id == "rosa's" {
			rosas = r
		}
	}
	if list := n.Records(declared); len(list) != 1 || !strings.Contains(list[0].Value, canary) {
		t.Errorf("the declared topic holds %v", list)
	}
	if list := n.Records(declared); slices.ContainsFunc(list[0].Headers, func(h [2]string) bool { return strings.Contains(h[1], "rosa") }) {
		t.Errorf("others read a pseudonym: %v", list)
	}
	other, altered := rosas, rosas
	other.Headers, altered.Headers = slices.Clone(rosas.Headers), rosas.Headers
	for i, h := range other.Headers {
		if h[0] == "ce_id" {
			other.Headers[i][1] = "another's"
		}
	}
	altered.Value = string([]byte{rosas.Value[0] ^ 1}) + rosas.Value[1:]
	n.Produce(name, other, altered)

	if _, err := seals.Shred(t.Context(), "bice"); err != nil {
		t.Fatal(err)
	}
	if err := messaging.Publish(t.Context(), b, engine, message("refused", "bice")); !errors.Is(err, messaging.ErrUnknown) ||
		!errors.Is(err, store.ErrErased) {
		t.Errorf("a message whose key was destroyed is accepted: %v", err)
	}
	seals.away = errors.New("the state is away")
	if err := messaging.Publish(t.Context(), b, engine, message("unsealed", "")); !errors.Is(err, seals.away) ||
		errors.Is(err, messaging.ErrUnknown) {
		t.Errorf("without the state it is accepted: %v", err)
	}
	seals.away = nil
	sealedIsRead(t, b, engine, "key "+canary, late.Due)
}

func sealedIsRead(t *testing.T, b *Broker, topic, key string, due time.Time) {
	t.Helper()
	w := &sealedWork{}
	c, err := messaging.NewConsumer(messaging.Work{
		Topic: topic, Group: "fondaco", Dead: w, Workers: 4,
		Handle: func(_ context.Context, m messaging.Message) error {
			if m.ID == "late" && time.Now().Before(due) {
				t.Error("a message comes before its time")
			}
			if m.Key != key || m.ID != "largest" && !strings.HasPrefix(string(m.Body), "body of "+m.ID) || m.ID == "largest" &&
				len(m.Body) != messaging.MaxBody {
				t.Errorf("the message %s has the key %q and %d bytes", m.ID, m.Key, len(m.Body))
			}
			w.add(&w.handled, m.ID)
			return nil
		},
		Erased: func(_ context.Context, m messaging.Message) error {
			w.add(&w.erased, m.Identity())
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.Subscriber("fondaco", messaging.Options{Direct: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- c.Run(ctx, s) }()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		w.mu.Lock()
		n := len(w.handled) + len(w.buried) + len(w.erased)
		w.mu.Unlock()
		if n >= 11 || time.Now().After(deadline) {
			break
		}
	}
	end()
	if err := <-over; err != nil {
		t.Error(err)
	}
	w.handled = slices.DeleteFunc(w.handled, func(id string) bool { return id == "before" }) // whose key is another
	if want := []string{"rosa's", "late", "last", "largest"}; !slices.Equal(w.handled, want) {
		t.Errorf("handled are %v, expected %v", w.handled, want)
	}
	if want := []string{"/s bice's", "letter l1", "/s replayed", "/s refused"}; !slices.Equal(w.erased, want) {
		t.Errorf("erased are %v, expected %v", w.erased, want)
	}
	slices.Sort(w.buried)
	if len(w.buried) != 2 || !strings.HasPrefix(w.buried[0], "another's corrupt ") || !strings.HasPrefix(w.buried[1], "rosa's corrupt ") {
		t.Errorf("the letters are %q", w.buried)
	}
}
