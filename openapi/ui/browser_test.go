package ui_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"fondaco/openapi"
	"fondaco/openapi/ui"
	"fondaco/schema"

	"github.com/chromedp/chromedp"
)

// click clicks whatever stands at the selector, wherever the page has moved it meanwhile.
func click(css string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).click()", css))
}

// clickUntil clicks whatever stands at the selector, again each half a second, until what it should bring is there: a
// button that is on the page before the page's own state is filled does nothing, and whoever sees that clicks again.
func clickUntil(ctx context.Context, css, appears string) error {
	for {
		there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf("document.querySelector(%q) !== null", appears)))
		if err != nil || there {
			return err
		}
		if err := chromedp.Do(ctx, click(css), chromedp.Sleep(500*time.Millisecond)); err != nil {
			return err
		}
	}
}

// TestInABrowser opens the page in Chromium, under its own policy: every operation is listed, and one that is tried
// gets the server's real answer.
func TestInABrowser(t *testing.T) {
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
	answer := schema.RecordType(schema.Field{Name: "numero", Type: schema.TypeText, Required: true})
	ops := []openapi.Operation{
		{ID: "elenco-multe", Method: "GET", Path: "/multe", Tag: "Multe", Responses: []openapi.Response{{Status: 200, Body: answer}}},
		{
			ID: "dettaglio-multa", Method: "GET", Path: "/multe/{numero}", Tag: "Multe", Responses: []openapi.Response{{Status: 200, Body: answer}},
			Parameters: []openapi.Parameter{{Name: "numero", In: "path", Type: &schema.Type{Kind: schema.KindText, Example: schema.Text("V-17")}}},
		},
		{
			ID: "segnala", Method: "POST", Path: "/segnalazioni", Tag: "Segnalazioni", Body: answer, BodyRequired: true,
			Responses: []openapi.Response{{Status: 202}},
		},
	}
	doc, err := openapi.Write(openapi.Info{Title: "DiMe di prova", Version: "1.0.0"}, ops, "3.0.3")
	if err != nil {
		t.Fatal(err)
	}
	page, err := ui.Handler(ui.Page{Title: "DiMe di prova", Documents: []ui.Document{{Name: "OpenAPI 3.0.3", URL: "../openapi.json"}}})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/docs/", page)
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(doc)
	})
	mux.HandleFunc("GET /multe/{numero}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"numero": "risposta vera a " + r.PathValue("numero")})
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(chromium), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true))
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()

	const tried = "#operations-Multe-dettaglio-multa "
	if err := chromedp.Do(ctx,
		chromedp.Navigate(server.URL+"/docs/"),
		chromedp.WaitVisible(chromedp.CSS("#operations-Segnalazioni-segnala")),
	); err != nil {
		t.Fatal(err)
	}
	title, err := chromedp.Run(ctx, chromedp.Title())
	if err != nil {
		t.Fatal(err)
	}
	listed, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`Array.from(document.querySelectorAll(".opblock")).map(
		e => e.querySelector(".opblock-summary-method").textContent + " " + e.querySelector(".opblock-summary-path").dataset.path)`))
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx,
		click(tried+".opblock-summary-control"),
		chromedp.WaitVisible(chromedp.CSS(tried+".execute")),
	); err != nil {
		t.Fatal(err)
	}
	if err := clickUntil(ctx, tried+".execute", tried+".live-responses-table .response-col_description"); err != nil {
		t.Fatal(err)
	}
	got, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(tried+".live-responses-table")))
	if err != nil {
		t.Fatal(err)
	}
	if title != "DiMe di prova" {
		t.Errorf("the title is %q", title)
	}
	slices.Sort(listed)
	if want := "GET /multe|GET /multe/{numero}|GET /status|POST /segnalazioni"; strings.Join(listed, "|") != want {
		t.Errorf("listed %s, want %s", strings.Join(listed, "|"), want)
	}
	if !strings.Contains(got, "risposta vera a V-17") || !strings.Contains(got, "200") {
		t.Errorf("the answer shown is %s", got)
	}
}
