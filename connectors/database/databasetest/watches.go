package databasetest

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/connectors"
	"fondaco/connectors/connectortest"
	"fondaco/transform/codec"
)

// watcher is an open watch and where it goes on.
type watcher struct {
	t     *testing.T
	open  connectors.Watching
	place string
	last  *connectors.Finds
}

// watch opens a watch until the test ends.
func (s *suite) watch(t *testing.T, name string) *watcher {
	t.Helper()
	w := &watcher{t: t}
	w.open = s.opened(t, name)
	t.Cleanup(func() { _ = w.open.Close() })
	return w
}

func (s *suite) opened(t testing.TB, name string) connectors.Watching {
	t.Helper()
	sys := &connectors.System{Name: "prova", Connector: s.connector, Params: map[string]config.Ref{}}
	sys.Override("address", s.server.Address)
	sys.Override("user", s.server.User)
	sys.Override("password", s.server.Password)
	open, err := sys.Watch(t.Context(), s.connector.Watch(name), connectors.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return open
}

// poll looks once, and returns what was found as JSON with its key.
func (w *watcher) poll() (found []string) {
	w.t.Helper()
	f, err := w.open.Poll(w.t.Context(), w.place)
	if err != nil {
		w.t.Fatal(err)
	}
	w.last = f
	for _, item := range f.Items {
		found = append(found, item.Key+string(codec.AppendJSON(nil, item.Body)))
	}
	return found
}

// keep says that what was found is kept.
func (w *watcher) keep() {
	w.t.Helper()
	if w.last.Done != nil {
		if err := w.last.Done(w.t.Context(), true); err != nil {
			w.t.Fatal(err)
		}
	}
	w.place = w.last.Place
}

// all looks until nothing more is there, and returns the ids in the order in which they were found.
func (w *watcher) all() (ids []string) {
	w.t.Helper()
	for range 100 {
		w.poll()
		for _, item := range w.last.Items {
			ids = append(ids, item.ID)
		}
		w.keep()
		if !w.last.More {
			return ids
		}
	}
	w.t.Fatal("it does not end")
	return nil
}

// finds looks until the ids are found, in this order and nothing else; what others have under way may delay it.
func (w *watcher) finds(want ...string) {
	w.t.Helper()
	var got []string
	deadline := time.Now().Add(time.Minute)
	for {
		if got = append(got, w.all()...); len(got) >= len(want) || time.Now().After(deadline) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	got = append(got, w.all()...)
	if strings.Join(got, " ") != strings.Join(want, " ") {
		w.t.Errorf("found %v, expected %v", got, want)
	}
}

// watches: rows that are new are found once each, in order, whatever order their transactions end in.
func (s *suite) watches(t *testing.T) {
	text := `
		create table righe (id bigint not null primary key, chi varchar(20) not null, importo DECIMAL not null, stato varchar(10) not null);
		create table cambiate (codice varchar(20) not null primary key, quando MOMENT not null);
		create table eventi (id bigint not null primary key, chi varchar(20) not null, importo DECIMAL not null, fatto varchar(1))`
	for word, of := range s.server.Types {
		text = strings.ReplaceAll(text, strings.ToUpper(word), of)
	}
	s.server.Say(t, strings.Split(text, ";")...)
	t.Run("growing", s.growing)
	t.Run("late", s.late)
	t.Run("time", s.byTime)
	t.Run("outbox", s.outbox)
	t.Run("locked", s.lockedRow)
	t.Run("wake", s.wakes)
	t.Run("wrong", s.wrongWatch)
	t.Run("contract", s.contract)
}

// contract: what every watch promises, of a table that grows and of an outbox.
func (s *suite) contract(t *testing.T) {
	for _, name := range []string{"crescente", "cassetta"} {
		s.server.Say(t, "create table "+name+" (id bigint not null primary key, nome varchar(20) not null, chi varchar(20) not null)")
		t.Run(name, func(t *testing.T) {
			count := 0
			connectortest.RunWatch(t, connectortest.Watched{
				Open: func(t testing.TB) connectors.Watching { return s.opened(t, name) },
				Put: func(t testing.TB, thing string) {
					count++
					s.server.Say(t, fmt.Sprintf("insert into %s (id, nome, chi) values (%d, '%s', 'c%d')", name, count, thing, count%2))
				},
				Name: func(f connectors.Find) string { return f.Body.Get("nome").Str() },
			})
		})
	}
}

func (s *suite) insert(t *testing.T, ids ...int) {
	t.Helper()
	for _, id := range ids {
		s.server.Say(t, fmt.Sprintf("insert into righe (id, chi, importo, stato) values (%d, 'c%d', 1.50, 'aperta')", id, id%2))
	}
}

func (s *suite) growing(t *testing.T) {
	s.insert(t, 1, 2, 3, 4, 5, 6, 7)
	s.server.Say(t, "update righe set stato = 'chiusa' where id = 6")
	w, later := s.watch(t, "righe"), s.watch(t, "nuove")
	later.finds()
	w.finds("1", "2", "3", "4", "5", "7")
	w.finds()
	s.insert(t, 8, 9, 10, 11)
	first := w.poll()
	for range 1000 { // until those before have ended
		if len(first) > 0 {
			break
		}
		w.keep()
		time.Sleep(20 * time.Millisecond)
		first = w.poll()
	}
	if want := `c0{"id":8,"chi":"c0","importo":1.50,"stato":"aperta"}`; len(first) != 3 || first[0] != want {
		t.Errorf("found %v, expected %s first of 3", first, want)
	}
	again := w.poll() // of the same place: as after a crash
	if strings.Join(again, " ") != strings.Join(first, " ") {
		t.Errorf("found %v, expected %v again", again, first)
	}
	w.keep()
	w.finds("11")
	later.finds("8", "9", "10", "11")
	after := s.watch(t, "righe") // a new process goes on
	after.place = w.place
	after.finds()
	s.insert(t, 12)
	after.finds("12")
}

// late: a transaction that began before others and ends after them.
func (s *suite) late(t *testing.T) {
	if s.server.Begin == nil {
		t.Skip("this database has one transaction at a time that writes")
	}
	w := s.watch(t, "righe")
	w.finds("1", "2", "3", "4", "5", "7", "8", "9", "10", "11", "12")
	commit := s.server.Begin(t, "insert into righe (id, chi, importo, stato) values (20, 'c0', 1, 'aperta')")
	swapped := s.server.Begin(t, "insert into righe (id, chi, importo, stato) values (19, 'c1', 1, 'aperta')")
	s.insert(t, 21, 22)
	early := w.all()
	early = append(early, w.all()...)
	if s.server.Ordered && len(early) > 0 {
		t.Errorf("found %v, expected nothing while a transaction is under way that began before", early)
	}
	commit()
	for range 3 {
		early = append(early, w.all()...)
	}
	s.insert(t, 23)
	swapped()
	found := map[string]int{}
	eventually(t, func() string {
		early = append(early, w.all()...)
		clear(found)
		for _, id := range early {
			found[id]++
		}
		if len(found) < 5 {
			return fmt.Sprintf("found %v", early)
		}
		return ""
	})
	for _, id := range append(early, w.all()...) {
		if found[id] != 1 {
			t.Errorf("found %v, expected 19 to 23 once each", early)
			break
		}
	}
}

// byTime: a row that is changed is found again, one within the overlap is not.
func (s *suite) byTime(t *testing.T) {
	moment := func(code string, at string) {
		if s.server.Host == "" { // a file keeps texts as they are
			at = strings.Replace(at, " ", "T", 1) + "Z"
		}
		s.server.Say(t, fmt.Sprintf("delete from cambiate where codice = '%s'", code),
			fmt.Sprintf("insert into cambiate (codice, quando) values ('%s', '%s')", code, at))
	}
	moment("a", "2026-11-01 10:00:00")
	moment("b", "2026-11-01 10:00:00")
	moment("c", "2026-11-01 10:00:01")
	w := s.watch(t, "cambiate")
	count := func(want int) {
		t.Helper()
		ids := map[string]bool{}
		eventually(t, func() string {
			for _, id := range w.all() {
				if ids[id] || strings.ContainsAny(id, "-: ") {
					t.Errorf("found %q, expected each id once, and no value of a person in it", id)
				}
				ids[id] = true
			}
			if len(ids) < want {
				return fmt.Sprintf("found %d, expected %d", len(ids), want)
			}
			return ""
		})
		if more := w.all(); len(ids) != want || len(more) > 0 {
			t.Errorf("found %d and %d, expected %d", len(ids), len(more), want)
		}
	}
	count(3)
	moment("a", "2026-11-01 10:05:00")
	count(1)
	moment("d", "2026-11-01 10:00:30") // written late
	count(1)
}

// outbox: what is kept is removed, and comes again otherwise.
func (s *suite) outbox(t *testing.T) {
	event := func(id int, who string, amount int) {
		s.server.Say(t, fmt.Sprintf("insert into eventi (id, chi, importo) values (%d, '%s', %d)", id, who, amount))
	}
	for id := 1; id <= 5; id++ {
		event(id, fmt.Sprintf("c%d", id%2), 7)
	}
	w := s.watch(t, "eventi")
	want := `[c1{"id":1,"chi":"c1","importo":7.00} c0{"id":2,"chi":"c0","importo":7.00} c1{"id":3,"chi":"c1","importo":7.00} ` +
		`c0{"id":4,"chi":"c0","importo":7.00}]`
	for range 2 { // the second as after a crash
		if got := fmt.Sprint(w.poll()); got != want {
			t.Errorf("found %s, expected %s", got, want)
		}
	}
	if err := w.last.Done(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	other := s.watch(t, "eventi")
	if got := fmt.Sprint(other.poll()); got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	other.keep()
	event(6, "c0", 2000)
	if got, want := fmt.Sprint(w.poll()), `[c1{"id":5,"chi":"c1","importo":7.00} c0{"id":"6","chi":"c0","importo":"2000.00"}]`; got != want {
		t.Errorf("found %s, expected %s: the last row does not fit, and is told as it is", got, want)
	}
	w.keep()
	w.finds()
	event(7, "c1", 1)
	marked := s.watch(t, "segnati")
	marked.finds("7")
	marked.finds()
	w.finds("7")
}

// lockedRow: rows that others hold are left, and with them the later ones of their key.
func (s *suite) lockedRow(t *testing.T) {
	if s.server.Begin == nil {
		t.Skip("this database locks no rows")
	}
	for id := 11; id <= 14; id++ {
		s.server.Say(t, fmt.Sprintf("insert into eventi (id, chi, importo) values (%d, 'c%d', 1)", id, id%2))
	}
	end := s.server.Begin(t, "update eventi set importo = 2 where id = 11")
	w := s.watch(t, "eventi")
	w.finds("12", "14")
	end()
	w.finds("11", "13")
}

// wakes: a look comes at once when the database says that there is something.
func (s *suite) wakes(t *testing.T) {
	if !s.server.Ordered {
		t.Skip("this database wakes nobody")
	}
	w := s.watch(t, "righe")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	woken := make(chan struct{}, 10)
	go func() {
		for ctx.Err() == nil {
			w.open.Wait(ctx, time.Hour)
			woken <- struct{}{}
		}
	}()
	wait := func() {
		select {
		case <-woken:
		case <-time.After(time.Minute):
			t.Fatal("nobody was woken")
		}
	}
	wait() // it listens
	s.server.Say(t, "notify righe_nuove, 'x'")
	wait()
	cancel()
	wait()
}

func (s *suite) wrongWatch(t *testing.T) {
	_, err := s.opened(t, "storti").Poll(t.Context(), "")
	if err == nil || !strings.Contains(err.Error(), "prova.storti: ") || !strings.Contains(err.Error(), "assente") {
		t.Errorf("found %v, expected the name of the table", err)
	}
	_, err = s.opened(t, "righe").Poll(t.Context(), "{")
	if err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("found %v, expected that its place is damaged", err)
	}
}

// eventually waits until do returns "", which says otherwise what is missing.
func eventually(t *testing.T, do func() string) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		missing := do()
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(missing)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
