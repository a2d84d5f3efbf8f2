package messaging

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestRetries: what waits for its next attempt is counted by what failed it, since its first failure, until it ends, fails elsewhere, or
// was due and is not tried.
func TestRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &Retries{At: func(err error) string {
			if err.Error() == "own" {
				return ""
			}
			return err.Error()
		}}
		w := &Work{Topic: "filed", Group: "note", Timeout: 30 * time.Second}
		crm, iris, own := errors.New("crm.create"), errors.New("iris"), errors.New("own")
		m := func(id string) *Message { return &Message{ID: id, Source: "office"} }
		is := func(what string, want ...string) {
			t.Helper()
			var got []string
			for _, x := range r.List() {
				got = append(got, fmt.Sprint(x.Topic, " ", x.Group, " ", x.On, " ", x.Messages, " ", time.Since(x.Since), " ", time.Until(x.Next)))
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %q, expected %q", what, got, want)
			}
		}
		began := time.Now()
		r.again(w, m("1"), crm, began.Add(10*time.Second))
		r.again(w, m("2"), crm, began.Add(5*time.Second))
		r.again(w, m("3"), iris, time.Time{}) // at once
		r.again(w, m("4"), own, began.Add(time.Second))
		r.again(&Work{Topic: "filed", Group: "other", Timeout: time.Second}, m("1"), crm, began.Add(time.Second))
		is("at first", "filed note crm.create 2 0s 5s", "filed note iris 1 0s 0s", "filed other crm.create 1 0s 1s")
		time.Sleep(5 * time.Second)
		r.again(w, m("2"), crm, time.Now().Add(20*time.Second))
		r.end(w, m("3"))
		r.end(w, m("5"))
		is("tried again", "filed note crm.create 2 5s 5s", "filed other crm.create 1 5s -4s")
		r.again(w, m("1"), iris, time.Now().Add(time.Second))
		r.again(w, m("2"), own, time.Now().Add(time.Second))
		is("failed elsewhere", "filed note iris 1 0s 1s", "filed other crm.create 1 5s -4s")
		since := m("6")
		since.Since = began.Add(-time.Hour) // it waited before the process began
		r.again(w, since, iris, time.Now().Add(time.Hour))
		is("waited before", "filed note iris 2 1h0m5s 1s", "filed other crm.create 1 5s -4s")
		time.Sleep(time.Second + 30*time.Second + turn)
		is("amid a long attempt", "filed note iris 2 1h1m36s -1m30s")
		time.Sleep(time.Nanosecond)
		is("not tried although it was due", "filed note iris 1 1h1m36.000000001s 58m28.999999999s")
		r.end(w, since)
		is("at the end")
		for n := range 5000 { // nobody asks meanwhile
			r.again(w, m(fmt.Sprint(n)), crm, time.Now())
			time.Sleep(time.Second)
		}
		if n := len(r.waiting); n > 2500 {
			t.Errorf("%d are remembered that are gone", n)
		}
		for n := range mostRetries + 100 {
			r.again(w, m(fmt.Sprint("many ", n)), crm, time.Now().Add(time.Hour))
		}
		if n := len(r.waiting); n > mostRetries {
			t.Errorf("%d are remembered", n)
		}
		var none *Retries
		none.again(w, m("1"), crm, began)
		none.end(w, m("1"))
		if list := none.List(); list != nil {
			t.Error(list)
		}
	})
}
