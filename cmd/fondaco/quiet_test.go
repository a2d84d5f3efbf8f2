package main

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestQuiet: without an access log what the engine warns of is told all the same, and why a request was answered 5xx.
func TestQuiet(t *testing.T) {
	t.Parallel()
	dir := written(t, officeProject)
	p := startWith(t, exec.Command(os.Args[0], "run", "--no-watch", "--quiet", dir), "ARCHIVE=http://127.0.0.1:9")
	if code, text, _ := p.ask(http.MethodPost, "/files", `{"number":1}`); code != 202 {
		t.Fatal(code, text)
	}
	eventually(t, func() string {
		if !p.log.tells(`"level":"WARN"`) {
			return "no warning that a message comes again:\n" + p.log.String()
		}
		return ""
	})
	if strings.Contains(p.log.String(), `"msg":"request"`) {
		t.Errorf("the access log is written:\n%s", p.log.String())
	}
}
