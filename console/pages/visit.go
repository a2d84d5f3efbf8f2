package pages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"fondaco/console"
	"fondaco/routes"
)

// policy lets a page load what this program serves alone, and be in no frame.
const csp = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// visit is one request for a page, as its template sees it.
type visit struct {
	Lang    language
	Project string
	Tab     string
	Now     time.Time
	Body    any
	Problem string // in the place of the body
	Build   string // of the program

	typed *routes.Typed
	api   *console.API // nil where the project keeps nothing
	r     *http.Request
	query url.Values // of a form what it sent
}

// missing is an error of whoever asks for what is not there.
type missing struct{ error }

// maxForm is how many bytes a form has at most.
const maxForm = 64 << 10

// page serves a page.
func (s *site) page(p page) http.Handler {
	whole := parsed(p.template)
	guard := http.NewCrossOriginProtection()
	return guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Tab: p.tab, Now: s.Now(), Build: s.Build(), typed: s.Project(), r: r, query: r.URL.Query()}
		v.Lang = languageOf(r.Header.Get("Accept-Language"), v.typed)
		if v.typed != nil {
			v.Project = v.typed.Model.Project.Title
		}
		status, err := http.StatusOK, v.reads(w, r)
		if err == nil {
			v.api, err = s.Kept(r.Context())
		}
		if err == nil {
			v.Body, err = p.make(v)
		}
		if err != nil {
			status, v.Problem = http.StatusServiceUnavailable, err.Error()
			var absent missing
			switch {
			case errors.As(err, &absent):
				status = http.StatusNotFound
			case console.IsWrong(err):
				status = http.StatusUnprocessableEntity
			}
		}
		v.write(w, whole, status)
	}))
}

// reads takes up a form.
func (v *visit) reads(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		return nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("the form: %w", err)
	}
	v.query = r.PostForm
	return nil
}

func (v *visit) write(w http.ResponseWriter, whole *template.Template, status int) {
	var b bytes.Buffer
	if err := whole.Execute(&b, v); err != nil {
		http.Error(w, "the page cannot be written: "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", csp)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language")
	h.Set("Content-Language", string(v.Lang))
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // whoever asked is gone if this fails
}

// T returns a text in the language of the page, with the values that stand in it.
func (v *visit) T(key string, values ...any) string { return v.Lang.text(key, values...) }

// Tabs are the entries of the menu.
func (v *visit) Tabs() []tab {
	list := []tab{{"now", Root}}
	for _, name := range []string{
		"routes", "systems", "search", "waiting", "dead", "operations", "topics", "schedules", "releases", "audit",
	} {
		list = append(list, tab{name, Root + name})
	}
	return list
}

type tab struct{ Name, Path string }

// ask asks the operators' API.
func ask[T any](ctx context.Context, v *visit, what string, q url.Values) (T, error) {
	var none T
	if v.api == nil {
		return none, nil
	}
	answer, err := v.api.Ask(ctx, what, q)
	if err != nil {
		return none, err
	}
	as, ok := answer.(T)
	if !ok {
		return none, fmt.Errorf("%s: found %T, expected %T", what, answer, none)
	}
	return as, nil
}

// Keeps reports whether the project keeps anything.
func (v *visit) Keeps() bool { return v.api != nil }

// topics asks for the accounts of topics.
func (v *visit) topics() ([]console.Topic, error) {
	return ask[[]console.Topic](v.r.Context(), v, "GET "+console.TopicsPath, nil)
}

// Here is the address of the page without its parameters.
func (v *visit) Here() string { return v.r.URL.Path }
