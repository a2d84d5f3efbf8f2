package storetest

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"fondaco/store"
)

var (
	subjectKey = []byte("a key of 32 bytes, of the project")
	rosa, bice = store.MarkOf(subjectKey, "RSSMRA80A01L736X"), store.MarkOf(subjectKey, "BNCBCE70A41L736Y")
	erased     = store.Answer{Status: 410, Body: []byte("{}")}
)

// ofPersons keeps a record of each kind of rosa, of bice, of both and of nobody; of each one that has ended and one that
// has not. It returns the tokens of the reservations.
func (b *bench) ofPersons() map[string]int64 {
	tokens := map[string]int64{}
	for name, marks := range map[string]store.Marks{"rosa": rosa, "bice": bice, "both": rosa + " " + bice, "nobody": ""} {
		for _, state := range []store.OperationState{store.Done, store.Working} {
			o := operation(name + " " + string(state))
			o.Marks = marks
			b.must(b.s.Operations().Create(b.Context(), o))
			b.must(b.s.Operations().Set(b.Context(), o.ID, state, 1, reply, start))
			c := claim
			c.Key, c.Marks = name+" "+string(state), marks
			r := b.reserve(c, 0)
			tokens[c.Key] = r.Token
			if state == store.Done {
				b.must(b.s.Idempotency().Record(b.Context(), r.Token, reply, start))
			}
		}
		for _, state := range []string{"waiting", "replaying"} {
			l := letter(name + " " + state)
			l.Marks = marks
			b.keep(l)
		}
		if _, _, err := b.s.DeadLetters().Claim(b.Context(), []string{name + " replaying"}, anna(start)); err != nil {
			b.Fatal(err)
		}
	}
	return tokens
}

// found lists what is found of a mark.
func (b *bench) found(mark store.Marks) (operations, letters []string, answers int) {
	b.Helper()
	b.must(b.s.Subjects().Find(b.Context(), mark, func(r store.SubjectRecord) error {
		switch {
		case r.Operation != nil:
			operations = append(operations, r.Operation.ID)
			if r.Operation.State == store.Done && !reflect.DeepEqual(r.Operation.Answer, reply) {
				b.Errorf("the operation was found as %+v", r.Operation)
			}
		case r.Letter != nil:
			letters = append(letters, r.Letter.ID)
			if string(r.Letter.Body) != string(letter("").Body) {
				b.Errorf("the letter was found as %+v", r.Letter)
			}
		case r.Answer != nil:
			answers++
			if !reflect.DeepEqual(*r.Answer, reply) {
				b.Errorf("the answer was found as %+v", r.Answer)
			}
		}
		return nil
	}))
	return operations, letters, answers
}

func subjectFound(b *bench) {
	equal(b, "a mark of a name written otherwise", store.MarkOf(subjectKey, " rssmra80a01l736x\n"), rosa)
	equal(b, "marks", store.MarksOf(subjectKey, "", "RSSMRA80A01L736X", " ", "BNCBCE70A41L736Y", "rssmra80a01l736x"),
		store.Marks(strings.Join([]string{min(string(rosa), string(bice)), max(string(rosa), string(bice))}, " ")))
	if other := store.MarkOf([]byte("another key"), "RSSMRA80A01L736X"); other == rosa {
		b.Error("marks do not depend on the key")
	}
	b.ofPersons()
	for range 2 {
		operations, letters, answers := b.found(rosa)
		equal(b, "operations, letters and answers", fmt.Sprint(len(operations), len(letters), answers), "4 4 2")
		for _, id := range append(operations, letters...) {
			if strings.HasPrefix(id, "bice") || strings.HasPrefix(id, "nobody") {
				b.Errorf("of rosa there is %s", id)
			}
		}
		b.reopen()
	}
	operations, letters, answers := b.found(store.MarkOf(subjectKey, "another"))
	equal(b, "of somebody else", fmt.Sprint(operations, letters, answers), "[] [] 0")
	if err := b.s.Subjects().Find(b.Context(), "", func(store.SubjectRecord) error { return nil }); err == nil {
		b.Error("everybody was found without a mark")
	}
}

// Messages of open collections are found and erased, and those of others go on; what is being worked on is left.
func subjectCollected(b *bench) {
	ctx, c := b.Context(), b.s.Collections()
	add := func(key, message string, of store.Marks) store.Collection {
		b.Helper()
		at, err := c.Add(ctx, "r", key, message, of, []byte("of "+message), start, start.Add(time.Hour))
		b.must(err)
		return at
	}
	mixed := add("mixed", "1", rosa)
	add("mixed", "2", bice)
	add("mixed", "3", rosa+" "+bice)
	add("mixed", "4", "")
	add("hers", "5", rosa)
	working := add("working", "6", rosa)
	taken, err := c.Take(ctx, working.ID, start, time.Hour)
	b.must(err)
	equal(b, "of whom what was taken speaks", fmt.Sprint(taken.Marks), fmt.Sprint([]store.Marks{rosa}))
	found := ""
	b.must(b.s.Subjects().Find(ctx, rosa, func(r store.SubjectRecord) error {
		found += r.Collected.Route + " " + string(r.Collected.Body) + ", "
		return nil
	}))
	equal(b, "found", found, "r of 1, r of 3, r of 5, r of 6, ")
	for _, want := range []store.Erased{{Collected: 3, InFlight: 1}, {InFlight: 1}} {
		got, err := b.s.Subjects().Erase(ctx, rosa, erased, start)
		b.must(err)
		equal(b, "erased", got, want)
		b.reopen()
		c = b.s.Collections()
	}
	again := add("mixed", "1", rosa) // delivered again
	equal(b, "the collection of what was erased", again.ID, 0)
	equal(b, "due", b.due(2*time.Hour), "mixed:2 working:1 ")
	at, err := c.Take(ctx, mixed.ID, start, time.Hour)
	b.must(err)
	equal(b, "what is left", bodies(at), "of 2 of 4")
	b.must(c.Finish(ctx, taken.Token, start))
	got, err := b.s.Subjects().Erase(ctx, rosa, erased, start)
	b.must(err)
	equal(b, "erased after the work", got, store.Erased{})
}

// What is left of a letter of several persons is kept in its place, and is not found any more as the one's whose part was taken out.
func subjectDivided(b *bench) {
	b.ofPersons()
	seen := map[string]bool{}
	divide := func() int64 {
		b.Helper()
		n, err := b.s.Subjects().Divide(b.Context(), rosa, func(l store.DeadLetter) (store.DeadLetter, bool) {
			if seen[l.ID] = true; string(l.Body) != string(letter("").Body) || !reflect.DeepEqual(l.Headers, letter("").Headers) ||
				!strings.Contains(string(l.Marks), string(rosa)) {
				b.Errorf("the letter to be divided is %+v", l)
			}
			l.Headers, l.Body, l.Marks = [][2]string{{"left", "of it"}}, []byte("bice's"), bice
			return l, strings.Contains(l.ID, "both")
		})
		b.must(err)
		return n
	}
	equal(b, "divided", divide(), 1)
	equal(b, "looked at", fmt.Sprint(seen), fmt.Sprint(map[string]bool{"rosa waiting": true, "both waiting": true}))
	for range 2 {
		l, err := b.s.DeadLetters().Get(b.Context(), "both waiting")
		b.must(err)
		want := letter("both waiting")
		if string(l.Body) != "bice's" || l.Size != 6 || !reflect.DeepEqual(l.Headers, [][2]string{{"left", "of it"}}) || l.Key != want.Key ||
			l.Detail != want.Detail || l.State != store.LetterWaiting || len(l.History) != 1 || l.History[0].What != store.EventDied {
			b.Errorf("what is left is %+v", l)
		}
		b.reopen()
	}
	equal(b, "divided again", divide(), 0)
	got, err := b.s.Subjects().Erase(b.Context(), rosa, erased, start)
	b.must(err)
	equal(b, "letters erased", got.Letters, 1)
	if _, err := b.s.DeadLetters().Get(b.Context(), "both waiting"); err != nil {
		b.Error("the letter of both went with hers", err)
	}
}

func subjectErased(b *bench) {
	b.ofPersons()
	if _, err := b.s.Subjects().Erase(b.Context(), "", erased, start); err == nil {
		b.Error("everybody was erased without a mark")
	}
	// What is being worked on stays: two operations, two letters and two reservations.
	for round, want := range []store.Erased{{Operations: 2, Letters: 2, Answers: 2, InFlight: 6}, {InFlight: 6}} {
		got, err := b.s.Subjects().Erase(b.Context(), rosa, erased, start)
		b.must(err)
		equal(b, fmt.Sprintf("erased in round %d", round), got, want)
		b.reopen()
	}
	for _, name := range []string{"rosa", "both", "bice", "nobody"} {
		gone := name == "rosa" || name == "both"
		if _, err := b.s.Operations().Get(b.Context(), name+" done"); (err != nil) != gone {
			b.Errorf("the operation of %s: %v", name, err)
		}
		if _, err := b.s.DeadLetters().Get(b.Context(), name+" waiting"); (err != nil) != gone {
			b.Errorf("the letter of %s: %v", name, err)
		}
		for _, id := range []string{name + " replaying"} {
			if _, err := b.s.DeadLetters().Get(b.Context(), id); err != nil {
				b.Errorf("the letter %s, which is being replayed: %v", id, err)
			}
		}
		c := claim
		c.Key = name + " done"
		want := reply
		if gone {
			want = erased
		}
		if r := b.reserve(c, time.Minute); r.State != store.Answered || r.Answer.Status != want.Status ||
			string(r.Answer.Body) != string(want.Body) {
			b.Errorf("the key of %s is answered with %+v", name, r)
		}
	}
	tallies, err := b.s.DeadLetters().Tallies(b.Context())
	b.must(err)
	if len(tallies) != 1 || tallies[0].Waiting != 6 || tallies[0].Gone != 2 {
		b.Errorf("tallies %+v", tallies)
	}
}
