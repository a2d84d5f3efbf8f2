package soap

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// many returns a list that refers n times to the same value.
func many(n int, v schema.Value) schema.Value {
	return schema.List(slices.Repeat([]schema.Value{v}, n))
}

// TestWritten: a message stops being written at its limit, whatever it is made of.
func TestWritten(t *testing.T) {
	const (
		sequence = `<x:sequence>`
		end      = `</x:sequence>`
		b        = `<x:element name="b" type="x:string"/>`
	)
	note := schema.Text(strings.Repeat("à", 5000))
	unbounded := `<x:element name="b" type="x:string" maxOccurs="unbounded"/>`
	for _, x := range []struct {
		name, types string
		field       schema.Value
		mtom        bool
	}{
		{"elements", complexA(sequence + unbounded + end), many(100_000, note), false},
		{"numbers", complexA(sequence + `<x:element name="b" type="x:int" maxOccurs="unbounded"/>` + end), many(2_000_000, schema.Int(1)), false},
		{"one text", complexA(sequence + b + end), schema.Text(strings.Repeat("x", 11<<20)), false},
		{
			"choice", complexA(`<x:choice maxOccurs="unbounded">` + `<x:element name="b" type="x:string"/>` + `</x:choice>`), many(100_000, note),
			false,
		},
		{
			"list", complexA(sequence + `<x:element name="b"><x:simpleType><x:list itemType="x:string"/></x:simpleType></x:element>` + end),
			many(100_000, note), false,
		},
		{
			"attribute", complexA(`<x:attribute name="b"><x:simpleType><x:list itemType="x:string"/></x:simpleType></x:attribute>`),
			many(100_000, note), false,
		},
		{"anything", complexA(sequence + `<x:element name="b" maxOccurs="unbounded"/>` + end), many(100_000, note), false},
		{
			"octets", complexA(sequence + `<x:element name="b" type="x:base64Binary" maxOccurs="unbounded"/>` + end),
			many(10_000, schema.Bytes(make([]byte, 10_000))), false,
		},
		{
			"hexadecimal", complexA(sequence + `<x:element name="b" type="x:hexBinary" maxOccurs="unbounded"/>` + end),
			many(10_000, schema.Bytes(make([]byte, 10_000))), false,
		},
		{
			"attachments", complexA(sequence + `<x:element name="b" type="x:base64Binary" maxOccurs="unbounded"/>` + end),
			many(10_000, schema.BytesBase64(base64.StdEncoding.EncodeToString(make([]byte, 10_000)))), true,
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			p := shape(t, x.types, "")
			m := versions["1.1"].writes(p.in)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := m.write(&xsd.Writing{MTOM: x.mtom}, nil, schema.RecordOf(p.in.Type, x.field), nil)
			runtime.ReadMemStats(&after)
			var limit *codec.LimitError
			if !errors.As(err, &limit) || limit.Limit != codec.DefaultLimit {
				t.Errorf("found %v, expected the limit", err)
			}
			// The buffer that grows, and its copies: garbage is counted too.
			if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 100 {
				t.Errorf("%d MiB were allocated", n)
			}
		})
	}
}

// TestWritten_service: an answer of a service that is too long is a fault of the server, and who runs it is told why.
func TestWritten_service(t *testing.T) {
	c := load(t, "connectors/polizia-locale")
	o := c.Operation("elencoVerbali")
	v, err := codec.CompileJSON(o.Output, codec.JSONOptions{}).
		Decode([]byte(`{"esito":{"codice":"0","descrizione":"` + strings.Repeat("x", 3000) + `"},"verbale":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	h, err := newService(c, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.give = func(w *reply, r *http.Request, e *endpoint, in schema.Value) {
		w.answer(r.Context(), e, in, func(context.Context, *connectors.Operation, schema.Value) (schema.Value, *connectors.SampleFault) {
			return v, nil
		})
	}
	request, err := versions["1.1"].writes(o.Wire.(*op).in).append(nil, input(t, o, elenco), nil)
	if err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[int]int{2000: 500, 4000: 200} {
		var told error
		ctx := connectors.WithFailure(connectors.WithBodyLimit(t.Context(), limit), func(err error) { told = err })
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(string(request)))
		r.Header.Set("Content-Type", "text/xml; charset=utf-8")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var over *codec.LimitError
		if w.Code != want || errors.As(told, &over) != (want == 500) {
			t.Errorf("limit %d: found %d and %v, expected %d: %.300s", limit, w.Code, told, want, w.Body)
		}
	}
}
