package transport

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// signer adds proofs to a request that is written but for them.
type signer func(ctx context.Context, o *outgoing) error

// recipe is how requests are signed: values, each computed over the ones before it, and the headers and query parameters
// that are made of them.
type recipe struct {
	values, headers, query []ingredient
	params                 *schema.Type
	slots                  [len(signNames)]int
	paramSlot, size        int
}

// ingredient is one value of a recipe.
type ingredient struct {
	name    config.Text
	mapping transform.Mapping
	typed   *transform.Typed // nil before check
	slot    int              // of a value
}

// The names that a recipe reads beside param and its own values.
const (
	signMethod = iota
	signHost
	signPath
	signQuery
	signHeaders
	signBody
	signNonce
)

var signNames = [...]string{"method", "host", "path", "query", "headers", "body", "nonce"}

func signType(name int) *schema.Type {
	switch name {
	case signHeaders:
		return schema.MapTo(schema.TypeText)
	case signBody:
		return schema.TypeBytes
	}
	return schema.TypeText
}

func (r *recipe) isZero() bool { return len(r.values)+len(r.headers)+len(r.query) == 0 }

// spec declares the fields of sign.
func (r *recipe) spec(o *spec.Object) {
	list := func(name string, to *[]ingredient) *spec.Field {
		return o.Entries(name, (&transform.Mapping{}).Schema(), func(key config.Text, value *config.Node, out *diag.List) {
			x := ingredient{name: key}
			x.mapping.Decode(value, out)
			*to = append(*to, x)
		}).AnyKeys()
	}
	list("values", &r.values).Doc("Values by name, in this order: each may use those before it.")
	list("headers", &r.headers).Doc("The headers that are added, over the same names and values.")
	list("query", &r.query).Doc("The query parameters that are added, likewise.")
}

// check types the recipe.
func (r *recipe) check(c *connectors.Connector, out *diag.List) {
	scope := c.Scope()
	for i, name := range signNames {
		r.slots[i] = scope.Declare(name, signType(i)).Slot
	}
	r.params = c.ParamsType()
	r.paramSlot = scope.Declare("param", r.params).Slot
	for i := range r.values {
		x := &r.values[i]
		if !config.CheckName(x.name, out) {
			continue
		}
		if scope.Lookup(x.name.Value) != nil {
			x.name.Report(out, diag.BadConnector, "sign: the name %q is taken already", x.name.Value)
			continue
		}
		x.typed = x.mapping.Check(scope, out)
		x.slot = scope.Declare(x.name.Value, x.typed.Type).Slot
	}
	for i := range r.headers {
		x := &r.headers[i]
		CheckHeader(x.name, out, "User-Agent", "Traceparent", "Tracestate", "X-Request-Id")
		x.typed = x.mapping.Check(scope, out)
		x.typed.Fit(schema.TypeText, x.name.Value, out)
		c.Prove(http.CanonicalHeaderKey(x.name.Value))
	}
	for i := range r.query {
		x := &r.query[i]
		x.typed = x.mapping.Check(scope, out)
		x.typed.Fit(schema.TypeText, x.name.Value, out)
		c.Prove(x.name.Value)
	}
	r.size = scope.Size()
}

// signBudget is how many steps a recipe may take beyond looking at the body.
const signBudget = 1_000_000

// signer compiles the recipe for a system, nil for an empty one.
func (r *recipe) signer(s *connectors.System, now func() time.Time) (signer, error) {
	if r.isZero() {
		return nil, nil //nolint:nilnil // nothing is signed
	}
	params, err := s.ParamValues(r.params)
	if err != nil {
		return nil, err
	}
	compile := func(list []ingredient, text bool) []expr.Eval {
		evals := make([]expr.Eval, len(list))
		for i, x := range list {
			to := x.typed.Type
			if text {
				to = schema.TypeText
			}
			evals[i] = x.typed.Compile(to)
		}
		return evals
	}
	values, headers, query := compile(r.values, false), compile(r.headers, true), compile(r.query, true)
	return func(ctx context.Context, o *outgoing) error {
		frame := expr.Frame{Slots: make([]schema.Value, r.size), Budget: signBudget + 4*int64(len(o.body)), Context: ctx, Now: now}
		frame.Slots[r.paramSlot] = params
		r.read(frame.Slots, o)
		for i, eval := range values {
			v, err := eval(&frame)
			if err != nil {
				return fmt.Errorf("sign: %s: %w", r.values[i].name.Value, err)
			}
			frame.Slots[r.values[i].slot] = v
		}
		for i, eval := range headers {
			v, err := eval(&frame)
			if err == nil && strings.ContainsFunc(v.Str(), func(c rune) bool { return c < ' ' || c == 0x7f }) {
				err = errControl
			}
			if err != nil {
				return fmt.Errorf("sign: %s: %w", r.headers[i].name.Value, err)
			}
			o.header[http.CanonicalHeaderKey(r.headers[i].name.Value)] = []string{v.Str()}
		}
		for i, eval := range query {
			v, err := eval(&frame)
			if err != nil {
				return fmt.Errorf("sign: %s: %w", r.query[i].name.Value, err)
			}
			if o.url.RawQuery != "" {
				o.url.RawQuery += "&"
			}
			o.url.RawQuery += awsEscape(r.query[i].name.Value, false) + "=" + awsEscape(v.Str(), false)
		}
		return nil
	}, nil
}

// read sets the names of a recipe to what they stand for in a request.
func (r *recipe) read(slots []schema.Value, o *outgoing) {
	text := func(name int, s string) { slots[r.slots[name]] = schema.Text(s) }
	text(signMethod, o.method)
	text(signHost, o.url.Host)
	text(signPath, o.url.EscapedPath())
	text(signQuery, o.url.RawQuery)
	text(signNonce, rand.Text())
	m := &schema.Map{}
	for name := range o.header {
		m.Keys = append(m.Keys, strings.ToLower(name))
	}
	slices.Sort(m.Keys)
	for _, name := range m.Keys {
		m.Values = append(m.Values, schema.Text(strings.Join(o.header[http.CanonicalHeaderKey(name)], ", ")))
	}
	slots[r.slots[signHeaders]] = schema.MapOf(m)
	slots[r.slots[signBody]] = schema.Bytes(o.body)
}

// Signed reports whether a request has all that sign adds: the side of a simulated system, which cannot know what the
// signature was made over.
func (a *Access) Signed(h http.Header, query url.Values) bool {
	return !slices.ContainsFunc(a.sign.headers, func(x ingredient) bool { return h.Get(x.name.Value) == "" }) &&
		!slices.ContainsFunc(a.sign.query, func(x ingredient) bool { return !query.Has(x.name.Value) })
}
