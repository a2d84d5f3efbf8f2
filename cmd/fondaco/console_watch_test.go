package main

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/console"
)

// blindOffice is a project whose routes are started by the rows of a table, and by files.
var blindOffice = map[string]string{
	"fondaco.yaml": `project: office
title: An office
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
systems:
  registro: { connector: ./connectors/registro, params: { endpoint: "sqlite:registro.db" } }
  scambio: { connector: ./connectors/scambio, params: { endpoint: "file:scambio" } }
`,
	"connectors/registro/connector.yaml": `connector: registro
version: 1.0.0
params: { endpoint: { type: string } }
database: { address: "${param.endpoint}" }
watches:
  righe: { table: righe, columns: { id: { type: integer } }, grows: id, from: beginning, every: 100ms }
`,
	"connectors/scambio/connector.yaml": `connector: scambio
version: 1.0.0
params: { endpoint: { type: string } }
files: { address: "${param.endpoint}" }
watches:
  arrivi: { match: "in/*.csv", done: fatti/, every: 100ms }
`,
	"routes/files.yaml": `routes:
  riga:
    database: registro.righe
    steps: []
  arrivo:
    files: scambio.arrivi
    steps: []
`,
}

// watchesOf asks the operators' API how the watches stand, by route.
func (p *process) watchesOf() map[string]console.Watch {
	p.t.Helper()
	code, body := p.askConsole(http.MethodGet, console.WatchesPath)
	var list []console.Watch
	if err := json.Unmarshal([]byte(body), &list); code != http.StatusOK || err != nil {
		p.t.Fatalf("%d %s: %v", code, body, err)
	}
	by := map[string]console.Watch{}
	for _, w := range list {
		by[w.Route] = w
	}
	return by
}

// TestConsoleBlindWatch: a watch that cannot look is on the first page and in the API, with why and since when, for as long as it is so.
func TestConsoleBlindWatch(t *testing.T) {
	t.Parallel()
	dir := written(t, blindOffice)
	share := filepath.Join(dir, "scambio")
	if err := os.MkdirAll(filepath.Join(share, "in"), 0o755); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "registro.db")+"?_pragma=busy_timeout(60000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	say := func(text string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	say("create table righe (id integer primary key)")
	p := startProcess(t, dir)
	looks := func(route string) {
		t.Helper()
		eventually(t, func() string {
			if w := p.watchesOf()[route]; w.Fails() || w.Cause != "" || w.Looked.IsZero() {
				b, _ := json.Marshal(w)
				return string(b) + "\n" + p.log.String()
			}
			return ""
		})
	}
	looks("riga")
	looks("arrivo")
	p.shows("/console/", "Nothing is wrong.")
	for _, x := range []struct {
		route, watch, system, cause, other string
		breaks, mends                      func()
	}{
		{
			"riga", "registro.righe", "registro", "no such table", "arrivo",
			func() { say("alter table righe rename to altrove") }, func() { say("alter table altrove rename to righe") },
		},
		{
			"arrivo", "scambio.arrivi", "scambio", "scambio", "riga",
			func() { moved(t, share, share+".via") }, func() { moved(t, share+".via", share) },
		},
	} {
		began := time.Now()
		x.breaks()
		what := "What is new in " + x.watch + " cannot be looked for: the route does not start"
		page := p.shows("/console/", "One open problem", "Failing</span> "+what, x.cause, "since <time", `<a href="/console/routes/`+x.route+`">`,
			`href="/console/systems?q=`+x.system+`"`)
		if strings.Contains(page, x.other) {
			t.Errorf("%s: the page names %s\n%s", x.route, x.other, page)
		}
		if _, page := p.askConsole(http.MethodGet, "/console/", "Accept-Language", "it"); !strings.Contains(page, "Le novità di "+x.watch+" non si possono leggere") {
			t.Errorf("%s in Italian:\n%s", x.route, page)
		}
		all := p.watchesOf()
		w := all[x.route]
		if w.Watch != x.watch || !strings.Contains(w.Cause, x.cause) || w.Since.Before(began.Add(-time.Second)) || w.Since.After(time.Now().Add(time.Second)) {
			t.Errorf("the API: %+v, broken at %v", w, began)
		}
		if all[x.other].Fails() {
			t.Errorf("the other watch: %+v", all[x.other])
		}
		if _, metrics := p.askConsole(http.MethodGet, "/metrics"); !strings.Contains(metrics, `fondaco_watch_failing{route="`+x.route+`"} 1`) {
			t.Errorf("the metric of %s is not 1", x.route)
		}
		x.mends()
		p.shows("/console/", "Nothing is wrong.")
		looks(x.route)
	}
}

func moved(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
