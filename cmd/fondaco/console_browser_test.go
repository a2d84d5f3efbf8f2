package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browser opens Chromium; dark has pages shown as by night. The test ends it.
func browser(t *testing.T, dark bool) context.Context {
	t.Helper()
	var chromium string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			chromium = found
			break
		}
	}
	if chromium == "" {
		t.Skip("Chromium is not installed (make test-all fetches it)")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(chromium), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("blink-settings", map[bool]string{true: "preferredColorScheme=0", false: "preferredColorScheme=1"}[dark]))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// axe is the library that judges whether people reach a page's content; the test is skipped where it was not fetched.
func axe(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("../../.tools/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe is not here (make test-all fetches it)")
	}
	return string(source)
}

// inBrowser runs a script on the page that is open.
func inBrowser[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return v
}

// reachable opens a page of a width, and reports what keeps people from its content, and whether it is to be moved sideways. Where
// FONDACO_SCREENSHOTS names a folder, a picture of it is left there.
func reachable(t *testing.T, ctx context.Context, axe, address, name string, width int64) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(address), chromedp.WaitVisible(chromedp.CSS("h1"))); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	if over := inBrowser[int](t, ctx, "document.documentElement.scrollWidth - window.innerWidth"); over > 0 {
		t.Errorf("%s at %d px is %d px too wide", address, width, over)
	}
	if style := inBrowser[string](t, ctx, "getComputedStyle(document.querySelector('header')).borderBottomStyle"); style != "solid" {
		t.Errorf("%s: the style sheet is not there", address)
	}
	_ = inBrowser[bool](t, ctx, axe+"\n;window.judged = null; axe.run().then(r => { window.judged = r.violations.filter("+
		"v => v.impact === 'serious' || v.impact === 'critical').map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' ')) }); true")
	eventually(t, func() string {
		if inBrowser[bool](t, ctx, "window.judged !== null") {
			return ""
		}
		return "axe has not ended"
	})
	for _, violation := range inBrowser[[]string](t, ctx, "window.judged") {
		t.Errorf("%s at %d px: %s", address, width, violation)
	}
	if folder := os.Getenv("FONDACO_SCREENSHOTS"); folder != "" {
		picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d.png", name, width)), picture, 0o600)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// troubled starts an office in which a system is down and a letter has died.
func troubled(t *testing.T) (p *process, system *archive) {
	t.Helper()
	system = &archive{kept: map[string]int{}}
	system.refuses.Store(14)
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	p = startProcess(t, written(t, officeProject), "ARCHIVE="+backend.URL)
	if code, body, _ := p.ask(http.MethodPost, "/files", `{"number":14}`); code != http.StatusAccepted {
		t.Fatal(code, body)
	}
	p.shows("/console/", "Dead letters: 1")
	system.down.Store(true)
	for n := range 4 {
		if code, body, _ := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, 20+n)); code != http.StatusAccepted {
			t.Fatal(code, body)
		}
	}
	p.shows("/console/", "The circuit breaker of the", "Messages waiting")
	return p, system
}

// TestConsoleInABrowser: nothing keeps people from what the pages say, by day and by night, on a telephone and on a desk; the first page
// changes by itself, and its first problem is reached by keys alone.
func TestConsoleInABrowser(t *testing.T) {
	t.Parallel()
	library := axe(t)
	p, system := troubled(t)
	for _, dark := range []bool{false, true} {
		ctx := browser(t, dark)
		cause := strings.ReplaceAll(regexp.MustCompile(`/console/dead/cause\?[^"]*`).FindString(p.shows("/console/")), "&amp;", "&")
		letter := regexp.MustCompile(`/console/dead/letter\?id=[^"]*`).FindString(p.shows(cause))
		story := regexp.MustCompile(`/console/search\?find=[^"]*`).FindString(p.shows("/console/operations?state=waiting", "/console/search?find="))
		for name, path := range map[string]string{
			"search": "/console/search", "story": story,
			"now": "/console/", "routes": "/console/routes", "route": "/console/routes/file", "systems": "/console/systems",
			"system": "/console/systems/archive", "waiting": "/console/waiting", "dead": "/console/dead", "cause": cause, "letter": letter, "operations": "/console/operations?state=waiting",
			"topics": "/console/topics", "schedules": "/console/schedules", "releases": "/console/releases", "audit": "/console/audit",
			"missing": "/console/routes/nowhere",
		} {
			for _, width := range []int64{375, 1200} {
				reachable(t, ctx, library, p.console+path, fmt.Sprintf("office-%s-%v", name, dark), width)
			}
		}
	}

	ctx := browser(t, false)
	if err := chromedp.Do(ctx, chromedp.Navigate(p.console+"/console/"), chromedp.WaitVisible(chromedp.CSS(".incidents"))); err != nil {
		t.Fatal(err)
	}
	focused := func() string {
		return inBrowser[string](t, ctx, "(document.activeElement.id || document.activeElement.getAttribute('href') || '')")
	}
	press := func(key string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.KeyEvent(key)); err != nil {
			t.Fatal(err)
		}
	}
	press("\t")
	if at := focused(); at != "#content" || !inBrowser[bool](t, ctx, "document.activeElement.getBoundingClientRect().left >= 0") {
		t.Errorf("the first key leads to %q, expected the visible link past the menu", at)
	}
	press("\r")
	eventually(t, func() string {
		if at := focused(); at != "content" {
			return fmt.Sprintf("that link leads to %q", at)
		}
		return ""
	})
	press("\t")
	at := focused()
	if !strings.HasPrefix(at, "/console/") || !inBrowser[bool](t, ctx, "document.activeElement.closest('.incidents') !== null") {
		t.Errorf("the next key leads to %q, expected the first problem's link", at)
	}
	if width := inBrowser[string](t, ctx, "getComputedStyle(document.activeElement).outlineWidth"); width != "3px" {
		t.Errorf("where the keys are is shown by an outline of %s", width)
	}
	press("\r")
	eventually(t, func() string {
		if now := inBrowser[string](t, ctx, "location.pathname + location.search"); now != at {
			return fmt.Sprintf("the browser is at %s, expected %s", now, at)
		}
		return ""
	})

	if err := chromedp.Do(ctx, chromedp.Navigate(p.console+"/console/"), chromedp.WaitVisible(chromedp.CSS(".fails"))); err != nil {
		t.Fatal(err)
	}
	system.down.Store(false)
	eventually(t, func() string {
		if inBrowser[bool](t, ctx, "document.querySelector('.fails') === null && document.querySelector('.warns') !== null") {
			return ""
		}
		return "the page does not say by itself that the system is back"
	})
}

// TestConsoleOfTheCity: the pages of the example city, with its systems simulated, are whole, small, and reached by everybody.
func TestConsoleOfTheCity(t *testing.T) {
	t.Parallel()
	library := axe(t)
	ctx := browser(t, false)
	p := startDemo(t)
	body := p.shows("/console/", "Nothing is wrong.")
	if !strings.Contains(body, "Routes in service: ") {
		t.Error(body)
	}
	p.shows("/console/routes?q=appuntamento", "prenota-appuntamento", "agenda.prenota")
	p.shows("/console/systems", "anpr", ">ok<")
	p.shows("/console/schedules", "<time")
	for name, path := range map[string]string{
		"routes": "/console/routes", "route": "/console/routes/prenota-appuntamento", "systems": "/console/systems", "topics": "/console/topics",
		"system":    "/console/systems/anpr",
		"schedules": "/console/schedules",
	} {
		if page := p.shows(path); len(page) > 50_000 {
			t.Errorf("%s has %d bytes", path, len(page))
		}
		for _, width := range []int64{375, 1200} {
			reachable(t, ctx, library, p.console+path, "city-"+name, width)
		}
	}
	_, body, _ = p.ask(http.MethodGet, p.console+"/admin/topics", "")
	var topics []map[string]any
	if err := json.Unmarshal([]byte(body), &topics); err != nil || len(topics) < 10 {
		t.Errorf("found %d topics: %v", len(topics), err)
	}
}
