package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fondaco/console"
)

// versionRoute is a route of reloadProject that answers a number.
func versionRoute(n int) string {
	return fmt.Sprintf("routes:\n  altra:\n    http: GET /altra\n    auth: none\n    respond: { body: { versione: %d } }\n", n)
}

// serves waits until the route of versionRoute answers a number.
func (p *process) serves(n int) {
	p.t.Helper()
	want := fmt.Sprintf(`{"versione":%d}`, n)
	eventually(p.t, func() string {
		if code, text, _ := p.ask(http.MethodGet, "/altra", ""); code != 200 || text != want {
			return fmt.Sprintf("it answers %d %s, expected %s\n%s%s", code, text, want, p.out.String(), p.log.String())
		}
		return ""
	})
}

// stands waits until readiness is 200 and says, or does not say, that a kept release is served.
func (p *process) stands(back bool) {
	p.t.Helper()
	eventually(p.t, func() string {
		code, text, _ := p.ask(http.MethodGet, p.probes+"/readyz", "")
		if says := strings.Contains(text, "is served instead of the project's files since"); code != 200 || says != back {
			return fmt.Sprintf("/readyz: %d %s", code, text)
		}
		if up := p.metric("fondaco_release_up"); up != map[bool]string{true: "0", false: "1"}[back] {
			return "fondaco_release_up is " + up
		}
		return ""
	})
}

// serving waits until a release is in service and kept whose hash is another, and returns it.
func (p *process) serving(other string) (hash string) {
	p.t.Helper()
	eventually(p.t, func() string {
		list := p.kept()
		hash = list.Serving
		for _, r := range list.Releases {
			if r.Hash == hash && hash != other {
				return ""
			}
		}
		return fmt.Sprintf("expected another than %s, in service and kept: %+v", other, list)
	})
	return hash
}

// rollback runs the command against a process; wants is what it prints.
func (p *process) rollback(want int, wants string, args ...string) {
	p.t.Helper()
	args = append([]string{"rollback", "--console", p.console}, args...)
	if code, out, problems := command(p.t, p.t.TempDir(), args...); code != want || !strings.Contains(out+problems, wants) {
		p.t.Fatalf("%v: %d\n%s%s\nexpected %d, %s\n%s", args, code, out, problems, want, wants, p.log.String())
	}
}

func (p *process) kept() (list console.ReleaseList) {
	p.t.Helper()
	code, text, _ := p.ask(http.MethodGet, p.console+console.ReleasesPath, "")
	if err := json.Unmarshal([]byte(text), &list); err != nil || code != 200 {
		p.t.Fatal(code, text, err)
	}
	return list
}

var because = []string{"--who", "anna", "--reason", "risponde male"}

// TestRollback: a wrong answer goes into service, the release before it is served again although the files differ, also after a kill, until
// a file changes; a change that is refused, and a new start after it, do not end it.
func TestRollback(t *testing.T) {
	t.Parallel()
	backend := httptest.NewServer(&flaky{})
	t.Cleanup(backend.Close)
	dir := reloadProject(t, backend.URL)
	p := watching(t, dir)
	p.serves(0)
	p.rollback(exitFailed, "no release is kept that was in service before", because...)
	first := p.kept().Serving
	rewrite(t, dir, "routes/altra.yaml", versionRoute(1))
	p.serves(1)
	p.serving(first)
	p.stands(false)
	p.rollback(exitUsage, "--reason is required")
	p.rollback(exitOK, "rolled back: ", because...)
	p.serves(0)
	p.stands(true)
	if list := p.kept(); len(list.Releases) != 2 || list.Serving != list.Releases[1].Hash || list.Rollback == nil || list.Rollback.Who != "anna" {
		t.Errorf("found %+v", list)
	}
	if _, page, _ := p.ask(http.MethodGet, p.console+"/console/releases", "", "Accept-Language", "en"); !strings.Contains(page, "anna: risponde male") ||
		!strings.Contains(page, "Kept release in service instead of the files") {
		t.Errorf("the page of releases says\n%s", page)
	}
	if _, page, _ := p.ask(http.MethodGet, p.console+"/console/", "", "Accept-Language", "en"); !strings.Contains(page, "A kept release is served instead of the files") {
		t.Errorf("the first page says\n%s", page)
	}

	p.kill()
	p = watching(t, dir)
	p.serves(0)
	p.stands(true)
	rewrite(t, dir, "routes/altra.yaml", "routes: [")
	p.reloads("refused", 1)
	p.hangUp(unchanged) // the change is dealt with
	p.serves(0)
	p.stands(true)
	p.kill()
	p = watching(t, dir) // although the files have a problem
	p.serves(0)
	p.stands(true)
	rewrite(t, dir, "secrets/anagrafe", "due")
	eventually(t, func() string {
		if !strings.Contains(p.log.String(), "the kept release is served with other secrets") {
			return p.log.String()
		}
		return ""
	})
	p.serves(0)
	rewrite(t, dir, "routes/altra.yaml", versionRoute(2))
	p.serves(2)
	p.stands(false)
	p.kill() // the files win also if their release was not kept yet
	p = watching(t, dir)
	p.serves(2)
	p.stands(false)
	if code, out, problems := command(t, dir, "audit", "list", "--console", p.console); code != exitOK ||
		!strings.Contains(out, "anna  release.back  ") || !strings.Contains(out, "risponde male") {
		t.Error(code, out, problems)
	}
	for _, s := range []string{p.log.String(), p.out.String()} {
		if strings.Contains(s, "instead of the") {
			t.Errorf("it says of a rollback that is over:\n%s", s)
		}
	}
}

// TestRollbackEnd: --end serves the files again; files that changed while nothing ran win; a hash is known by its beginning.
func TestRollbackEnd(t *testing.T) {
	t.Parallel()
	backend := httptest.NewServer(&flaky{})
	t.Cleanup(backend.Close)
	dir := reloadProject(t, backend.URL)
	p := watching(t, dir)
	p.serves(0)
	first := p.kept().Serving
	for n, was := 1, first; n <= 2; n++ {
		rewrite(t, dir, "routes/altra.yaml", versionRoute(n))
		p.serves(n)
		was = p.serving(was)
	}
	p.rollback(exitFailed, "no rollback is in force", append(because, "--end")...)
	p.rollback(exitFailed, "did you mean "+first, append(because, "--to", first[:11]+"x")...)
	p.rollback(exitFailed, "is what is served", append(because, "--to", p.kept().Serving)...)
	p.rollback(exitOK, first+" is served instead of", append(because, "--to", first[:8])...)
	p.serves(0)
	p.rollback(exitOK, "in service, rolled back", "--list")
	p.rollback(exitOK, "the rollback to "+first+" is over", append(because, "--end")...)
	p.serves(2)
	p.stands(false)

	p.rollback(exitOK, "rolled back", because...)
	p.serves(1)
	p.rollback(exitOK, first, because...) // the one before that
	p.serves(0)
	p.kill()
	rewrite(t, dir, "routes/altra.yaml", versionRoute(3))
	p = watching(t, dir)
	p.serves(3)
	p.stands(false)
	if !strings.Contains(p.log.String(), "they have changed while it was not running") {
		t.Errorf("the log does not say that the rollback is over:\n%s", p.log.String())
	}
}

// TestRollbackRefused: a kept release that is damaged, or that cannot be served with the secrets of now, is refused, and what is in service
// goes on; one that is damaged at a start is not served, and the files are.
func TestRollbackRefused(t *testing.T) {
	t.Parallel()
	backend := httptest.NewServer(&flaky{})
	t.Cleanup(backend.Close)
	dir := reloadProject(t, backend.URL)
	p := watching(t, dir)
	p.serves(0)
	first := p.kept().Serving
	file := filepath.Join(dir, "routes", "fondaco-releases", first+".zip")
	rewrite(t, dir, "routes/altra.yaml", versionRoute(1))
	p.serves(1)
	p.serving(first)
	secret := filepath.Join(dir, "secrets", "anagrafe")
	if err := os.Chmod(secret, 0o666); err != nil {
		t.Fatal(err)
	}
	p.rollback(exitFailed, "cannot be served any more", because...)
	p.serves(1)
	p.stands(false)
	if err := os.Chmod(secret, 0o600); err != nil {
		t.Fatal(err)
	}
	whole := read(t, filepath.Dir(file), filepath.Base(file))
	rewrite(t, filepath.Dir(file), filepath.Base(file), whole[:len(whole)/3])
	p.rollback(exitFailed, "is damaged", append(because, "--to", first)...)
	p.stands(false)
	rewrite(t, filepath.Dir(file), filepath.Base(file), whole)
	p.serves(1)
	p.rollback(exitOK, "rolled back", append(because, "--to", first)...)
	p.serves(0)
	p.kill()
	rewrite(t, filepath.Dir(file), filepath.Base(file), whole[:len(whole)/3])
	p = watching(t, dir)
	p.serves(1)
	p.stands(false)
	if !strings.Contains(p.log.String(), first+" is damaged") || !strings.Contains(p.log.String(), "The rollback is over") {
		t.Errorf("nothing says that the kept release is damaged:\n%s", p.log.String())
	}
}
