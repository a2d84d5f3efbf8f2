package storetest

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/crypt"
)

// SealedPlace is where one test's state lives, which may be encrypted.
type SealedPlace struct {
	// Open opens the state with keys; after its Close it opens the same again.
	Open func(crypt.Keys) (store.Store, error)
	// Files returns all that is stored, byte by byte. The state may be open.
	Files func() []byte
}

// Keys returns keys of which each is one byte 32 times.
func Keys(t *testing.T, each ...byte) crypt.Keys {
	t.Helper()
	var list []crypt.Key
	for _, b := range each {
		k, err := crypt.ParseKey(strings.Repeat(fmt.Sprintf("%02x", b), crypt.KeyBytes))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, k)
	}
	keys, err := crypt.NewKeys(list...)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// Encrypted tries what is promised of encryption, beside the contract, which Run tries with keys as well.
func Encrypted(t *testing.T, newPlace func(t *testing.T) SealedPlace) {
	for _, part := range []struct {
		name string
		test func(*vault)
	}{
		{"nothing can be read", nothingIsRead},
		{"keys are changed", keysChange},
		{"what was not encrypted is", plainIsSealed},
		{"without the key nothing opens", keyMissing},
	} {
		t.Run(part.name, func(t *testing.T) {
			v := &vault{bench: &bench{T: t}, at: newPlace(t)}
			part.test(v)
			if v.s != nil {
				v.must(v.s.Close())
			}
		})
	}
}

// vault is one test's store.
type vault struct {
	*bench
	at SealedPlace
}

// with opens the store again, with other keys.
func (v *vault) with(each ...byte) {
	v.Helper()
	if v.s != nil {
		v.must(v.s.Close())
	}
	var err error
	if v.s, err = v.at.Open(Keys(v.T, each...)); err != nil {
		v.s = nil
		v.Fatal(err)
	}
}

// marker stands in each text that nobody may read. It is long, so that no part of a row holds it by chance.
const marker = "SECRET-OF-A-CITIZEN"

var (
	sealedAnswer = store.Answer{Status: 201, Header: [][2]string{{"X-A", marker + " header"}}, Body: []byte(marker + " answer")}
	sealedLetter = store.DeadLetter{
		ID: "l", Topic: "t", Group: "g", Route: "r", Key: marker + " key", MessageID: "m", Place: "p", Reason: "refused", Detail: marker +
			" detail",
		Headers: [][2]string{{"ce_x", marker + " header"}}, Body: []byte(marker + " body"), Marks: rosa,
	}
	sealedClaim = store.Claim{Scope: "s", Key: marker, Lease: time.Minute, Keep: time.Hour, Marks: rosa}
)

// fill keeps something of each kind.
func (v *vault) fill() {
	v.Helper()
	ctx := v.Context()
	v.must(v.s.Operations().Create(ctx, store.Operation{
		ID: "o", Route: "r", State: store.Accepted, Created: start, Updated: start,
		ReplyTo: "https://host/" + marker, Marks: rosa,
	}))
	v.must(v.s.Operations().Set(ctx, "o", store.Done, 1, sealedAnswer, start))
	v.must(v.s.Operations().Create(ctx, store.Operation{
		ID: "nobody's", Route: "r", State: store.Done, Created: start, Updated: start,
		Answer: sealedAnswer,
	}))
	_, err := v.s.DeadLetters().Keep(ctx, sealedLetter)
	v.must(err)
	_, _, err = v.s.DeadLetters().Claim(ctx, []string{"l"}, store.Act{Who: "anna", Why: marker + " why", At: start})
	v.must(err)
	r, err := v.s.Idempotency().Reserve(ctx, sealedClaim, start)
	v.must(err)
	v.must(v.s.Idempotency().Record(ctx, r.Token, sealedAnswer, start))
	for i := range 2 {
		_, err := v.s.Collections().Add(ctx, "r", marker+" collected", fmt.Sprint(i), rosa, fmt.Appendf(nil, "%s %d", marker, i), start, start)
		v.must(err)
	}
	_, err = v.s.Secret(ctx)
	v.must(err)
}

// rows is how many records fill makes: operations, a letter with two lines of its history, an answer, a collection with two messages.
const rows = 2 + 3 + 1 + 3

// reads holds what is there against what fill has kept.
func (v *vault) reads() {
	v.Helper()
	ctx := v.Context()
	for _, id := range []string{"o", "nobody's"} {
		o, err := v.s.Operations().Get(ctx, id)
		v.must(err)
		if !reflect.DeepEqual(o.Answer, sealedAnswer) || id == "o" && o.ReplyTo != "https://host/"+marker {
			v.Errorf("the operation is %+v", o)
		}
	}
	l, err := v.s.DeadLetters().Get(ctx, "l")
	v.must(err)
	if l.Key != sealedLetter.Key || l.Detail != sealedLetter.Detail || !reflect.DeepEqual(l.Headers, sealedLetter.Headers) ||
		!bytes.Equal(l.Body, sealedLetter.Body) ||
		len(l.History) != 2 || l.History[0].Detail != "refused: "+sealedLetter.Detail || l.History[1].Why != marker+" why" {
		v.Errorf("the letter is %+v", l)
	}
	list, err := v.s.DeadLetters().List(ctx, store.LetterFilter{Key: sealedLetter.Key}, 10, "")
	v.must(err)
	if len(list) != 1 || list[0].Detail != sealedLetter.Detail {
		v.Errorf("by its key there is %+v", list)
	}
	n, err := v.s.DeadLetters().Count(ctx, store.LetterFilter{Key: "another"})
	v.must(err)
	equal(v.bench, "letters of another key", n, 0)
	r, err := v.s.Idempotency().Reserve(ctx, sealedClaim, start)
	v.must(err)
	if r.State != store.Answered || !reflect.DeepEqual(r.Answer, sealedAnswer) {
		v.Errorf("the answer is %+v", r)
	}
	due, err := v.s.Collections().Due(ctx, start, 10)
	v.must(err)
	if len(due) != 1 || due[0].Key != marker+" collected" || due[0].Count != 2 {
		v.Fatalf("due is %+v", due)
	}
	taken, err := v.s.Collections().Take(ctx, due[0].ID, start, 0)
	v.must(err)
	equal(v.bench, "collected", bodies(taken), marker+" 0 "+marker+" 1")
	found := 0
	v.must(v.s.Subjects().Find(ctx, rosa, func(store.SubjectRecord) error { found++; return nil }))
	if found < 3 {
		v.Errorf("%d records of the person are found", found)
	}
}

// readable counts what can be read in the files.
func (v *vault) readable() int { return bytes.Count(v.at.Files(), []byte(marker)) }

func nothingIsRead(v *vault) {
	v.with(1)
	v.fill()
	v.reads()
	equal(v.bench, "readable while it is open", v.readable(), 0)
	v.with(1)
	v.reads()
	equal(v.bench, "readable when it was opened again", v.readable(), 0)
	secret, err := v.s.Secret(v.Context())
	v.must(err)
	if bytes.Contains(v.at.Files(), fmt.Appendf(nil, "%x", secret)) {
		v.Error("the key of the pseudonyms can be read")
	}
}

func keysChange(v *vault) {
	v.with(1)
	v.fill()
	secret, err := v.s.Secret(v.Context())
	v.must(err)
	v.with(2, 1)
	v.reads()
	if _, err := v.at.Open(Keys(v.T, 2)); err == nil {
		v.Fatal("it opens before the rotation has ended")
	}
	done, err := v.s.Rewrap(v.Context())
	v.must(err)
	if done.Keys < 3 || done.Records != 0 || done.Damaged != 0 {
		v.Errorf("rewrapped %+v", done)
	}
	done, err = v.s.Rewrap(v.Context())
	v.must(err)
	equal(v.bench, "rewrapped again", done, store.Rewrapped{})
	v.with(2)
	v.reads()
	again, err := v.s.Secret(v.Context())
	v.must(err)
	equal(v.bench, "the secret", string(again), string(secret))
}

func plainIsSealed(v *vault) {
	v.with()
	v.fill()
	if _, err := v.s.Rewrap(v.Context()); err == nil {
		v.Error("it is encrypted without a key")
	}
	if v.readable() == 0 {
		v.Fatal("nothing can be read of what is not encrypted: this test sees nothing")
	}
	secret, err := v.s.Secret(v.Context())
	v.must(err)
	v.with(1)
	v.reads()
	done, err := v.s.Rewrap(v.Context())
	v.must(err)
	equal(v.bench, "encrypted", done, store.Rewrapped{Records: rows})
	v.reads()
	again, err := v.s.Secret(v.Context())
	v.must(err)
	equal(v.bench, "the secret", string(again), string(secret))
	v.with(1)
	v.reads()
	equal(v.bench, "readable", v.readable(), 0)
	done, err = v.s.Rewrap(v.Context())
	v.must(err)
	equal(v.bench, "encrypted again", done, store.Rewrapped{})
}

func keyMissing(v *vault) {
	v.with(1)
	v.fill()
	v.must(v.s.Close())
	v.s = nil
	before := v.at.Files()
	for _, keys := range []crypt.Keys{{}, Keys(v.T, 2)} {
		s, err := v.at.Open(keys)
		if err == nil {
			v.s = s
			v.Fatal("it opens without its key")
		}
		for _, want := range []string{Keys(v.T, 1).First(), fmt.Sprintf("%d records", rows), "nothing was changed"} {
			if !strings.Contains(err.Error(), want) {
				v.Errorf("the error is %v, without %q", err, want)
			}
		}
	}
	if !bytes.Equal(v.at.Files(), before) {
		v.Error("the refused start has written")
	}
	v.with(1)
	v.reads()
}
