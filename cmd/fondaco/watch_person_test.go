package main

import (
	"database/sql"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// TestWatchPerson: what a row of a watched table started is found under the name of the person whose row it is, while it waits and as a
// dead letter, and is erased without touching the others'.
func TestWatchPerson(t *testing.T) {
	t.Parallel()
	seen := &fickle{took: map[string]int{}, down: "1"} // rows 1 and 10 wait
	system := httptest.NewServer(seen)
	defer system.Close()
	dir := written(t, map[string]string{
		"fondaco.yaml": strings.Replace(officeProject["fondaco.yaml"], "systems:\n",
			"systems:\n  registro: { connector: ./connectors/registro, params: { endpoint: \"${env.REGISTRO}\" } }\n", 1),
		"connectors/archive/connector.yaml": officeProject["connectors/archive/connector.yaml"],
		"connectors/registro/connector.yaml": `connector: registro
version: 1.0.0
params: { endpoint: { type: string } }
database: { address: "${param.endpoint}" }
watches:
  righe:
    table: righe
    columns: { id: { type: integer }, cf: { type: string, nullable: true } }
    person: cf
    grows: id
    from: beginning
    every: 100ms
`,
		"routes/files.yaml": `routes:
  riga:
    database: registro.righe
    work: { attempts: 1000, backoff: 20ms..100ms }
    steps:
      - choose:
          - when: message.data.id == 2
            steps:
              - fail: { status: 422, title: "Non va" }
      - call: archive.file
        with: { number: "${message.data.id}" }
`,
	})
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "registro.db")+"?_pragma=busy_timeout(60000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	say := func(text string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), text, args...); err != nil {
			t.Fatal(err)
		}
	}
	say("create table righe (id integer primary key, cf text)")
	p := startProcess(t, dir, "ARCHIVE="+system.URL, "REGISTRO=sqlite:registro.db") // in the project, wherever the process was started
	for id, person := range map[int]any{1: rosaCode, 2: rosaCode, 3: biceCode, 10: strings.ToLower(biceCode), 5: nil} {
		say("insert into righe values (?, ?)", id, person)
	}
	privacy := (&citizens{T: t, process: p, dir: dir}).privacy
	eventually(t, func() string {
		if a := privacy("export", rosaCode); a.Messages != 1 || a.Letters != 1 {
			return fmt.Sprintf("%+v\n%s", a, p.log.String())
		}
		if a := privacy("export", biceCode); a.Messages != 1 || a.Letters != 0 {
			return fmt.Sprintf("%+v\n%s", a, p.log.String())
		}
		return ""
	})
	eventually(t, func() string { // what is being tried at the moment of the erasure is left
		if a := privacy("erase", rosaCode); a.InFlight != 0 {
			return fmt.Sprintf("%+v", a)
		}
		if a := privacy("export", rosaCode); a.Messages != 0 || a.Letters != 0 {
			return fmt.Sprintf("%+v", a)
		}
		return ""
	})
	seen.is("", "")
	eventually(t, func() string {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		if seen.took["/files/10"] != 1 || seen.took["/files/3"] != 1 || seen.took["/files/5"] != 1 {
			return fmt.Sprint(seen.took)
		}
		return ""
	})
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if seen.took["/files/1"] != 0 {
		t.Error("what was erased had its effect")
	}
}
