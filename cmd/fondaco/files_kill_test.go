package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fondaco/connectors/files/sftp/sftptest"
)

// filesOffice is a project whose route is started by the records of files.
var filesOffice = map[string]string{
	"fondaco.yaml": strings.Replace(officeProject["fondaco.yaml"], "systems:\n",
		"systems:\n  scambio: { connector: ./connectors/scambio, params: { endpoint: \"file:scambio\" } }\n", 1),
	"connectors/archive/connector.yaml": watchedOffice["connectors/archive/connector.yaml"],
	"connectors/scambio/connector.yaml": `connector: scambio
version: 1.0.0
params: { endpoint: { type: string } }
files:
  address: "${param.endpoint}"
  formats:
    pagamenti:
      csv: { separator: ";", header: true, decimal: "," }
      fields: { chi: { type: string, pattern: "^[a-z0-9-]+$" }, numero: { type: integer }, importo: { type: number } }
operations:
  elenco: { list: "in/*.csv" }
watches:
  righe:
    match: "in/*.csv"
    each: record
    format: pagamenti
    done: fatti/
    failed: errori/
    key: chi
    batch: 5
    every: 200ms
    personal: [chi]
`,
	"routes/files.yaml": `routes:
  riga:
    files: scambio.righe
    work: { workers: 4, backoff: 10ms..50ms }
    steps:
      - call: archive.file
        with: { table: righe, key: "${message.data.record.chi}", number: "${message.data.record.numero}" }
`,
}

// sftpOffice is that project with its files on a server of SFTP.
func sftpOffice(t *testing.T) (project map[string]string, serve func(dir string)) {
	server := sftptest.OpenSSH(t)
	project = maps.Clone(filesOffice)
	project["keys/ours"], project["keys/known_hosts"] = string(server.Key), server.KnownHosts
	project["connectors/scambio/connector.yaml"] = strings.NewReplacer(
		"endpoint: { type: string }", "endpoint: { type: string }, user: { type: string }",
		"  address: \"${param.endpoint}\"\n", "  address: \"${param.endpoint}\"\n  user: ${param.user}\n  private_key: keys/ours\n"+
			"  known_hosts: keys/known_hosts\n",
	).Replace(project["connectors/scambio/connector.yaml"])
	return project, func(dir string) {
		at := filepath.Join(dir, "fondaco.yaml")
		text, err := os.ReadFile(at)
		if err != nil {
			t.Fatal(err)
		}
		there := fmt.Sprintf("endpoint: \"sftp://%s%s\", user: \"%s\"", server.Host, filepath.ToSlash(filepath.Join(dir, "scambio")), server.User)
		text = bytes.Replace(text, []byte("endpoint: \"file:scambio\""), []byte(there), 1)
		if err := os.WriteFile(at, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFilesKilled: a file is put while the process is killed amid its records: every good record has its effect, in the order of its key,
// and every bad one stands once in the reject file, as it was.
func TestFilesKilled(t *testing.T) {
	t.Parallel()
	t.Run("folder", func(t *testing.T) { filesKilled(t, filesOffice, func(string) {}) })
	t.Run("SFTP", func(t *testing.T) {
		project, serve := sftpOffice(t)
		filesKilled(t, project, serve)
	})
}

func filesKilled(t *testing.T, project map[string]string, serve func(dir string)) {
	rows := inLong(20_000, 2_000)
	seen := &effects{known: map[string]bool{}, order: map[string][]int{}}
	system := httptest.NewServer(seen)
	defer system.Close()

	dir := written(t, project)
	serve(dir)
	head := "importo;chi;numero\n"
	var file, rejected strings.Builder
	file.WriteString(head)
	rejected.WriteString(head)
	good := 0
	for n := range rows {
		line := fmt.Sprintf("%d,50;chiave-%d;%d\n", n, n%7, n)
		if n%97 == 5 {
			line = fmt.Sprintf("%d.50;chiave-%d;%d\n", n, n%7, n)
			rejected.WriteString(line)
		} else {
			good++
		}
		file.WriteString(line)
	}
	in := filepath.Join(dir, "scambio", "in")
	if err := os.MkdirAll(in, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(in, "p.csv"), []byte(file.String()), 0o644); err != nil {
		t.Fatal(err)
	}

	env := []string{"ARCHIVE=" + system.URL}
	p := startProcess(t, dir, env...)
	for range inLong(5, 2) { // early: records are told sooner than they are worked on
		from := seen.count()
		eventually(t, func() string {
			if now := seen.count(); now < min(from+1, good) {
				return fmt.Sprintf("%d effects more\n%s", now-from, p.log.String())
			}
			return ""
		})
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(in, "p.csv")); err != nil {
			t.Log("all records were told before the process was killed")
		}
		_ = p.cmd.Wait()
		p = startProcess(t, dir, env...)
	}
	for seen.count() < good { // however slow the machine is
		from := seen.count()
		eventually(t, func() string {
			if now := seen.count(); now < min(from+200, good) {
				return fmt.Sprintf("%d effects of %d records\n%s", now, good, p.log.String())
			}
			return ""
		})
	}
	eventually(t, func() string {
		if _, err := os.Stat(filepath.Join(dir, "scambio", "fatti", "p.csv")); err != nil || seen.count() < good {
			return fmt.Sprintf("%d effects of %d records, %v\n%s", seen.count(), good, err, p.log.String())
		}
		return ""
	})
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if len(seen.known) != good {
		t.Errorf("%d effects of %d records", len(seen.known), good)
	}
	for key, order := range seen.order {
		for i := 1; i < len(order); i++ {
			if order[i] < order[i-1] {
				t.Errorf("%s: %d came after %d", key, order[i], order[i-1])
			}
		}
	}
	found, err := os.ReadFile(filepath.Join(dir, "scambio", "errori", "p.csv.reject"))
	if err != nil || string(found) != rejected.String() {
		t.Errorf("the reject file holds %d lines, expected %d: %v", bytes.Count(found, []byte("\n")), strings.Count(rejected.String(), "\n"), err)
	}
	if text := p.log.String(); strings.Contains(text, "chiave-") {
		t.Error("the log contains a value of a record")
	}
}
