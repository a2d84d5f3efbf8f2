package codec

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"fondaco/schema"
)

func number(n int) *int { return &n }

// payment is a type with something of everything.
func payment() *schema.Type {
	least := schema.Int(1)
	return schema.RecordType(
		schema.Field{Name: "amount", Type: schema.TypeDecimal, Required: true},
		schema.Field{Name: "count", Type: &schema.Type{Kind: schema.KindInt, Minimum: &least}},
		schema.Field{Name: "paid", Type: schema.TypeBool},
		schema.Field{Name: "when", Type: schema.TypeDate},
		schema.Field{Name: "note", Type: (&schema.Type{Kind: schema.KindText, MaxLength: number(5)}).OrNull()},
		schema.Field{Name: "rows", Type: schema.ListOf(schema.RecordType(schema.Field{Name: "id", Type: schema.TypeInt, Required: true}))},
		schema.Field{Name: "pdf", Type: schema.TypeBytes},
		schema.Field{Name: "free", Type: schema.TypeAny},
		schema.Field{Name: "cf", Type: &schema.Type{Kind: schema.KindText, Format: "codice-fiscale"}},
	)
}

// TestDecode holds the rows J01 to J19 of the catalogue of bad input, and what is good.
func TestDecode(t *testing.T) {
	d := CompileJSON(payment(), JSONOptions{})
	for _, c := range []struct{ row, in, want string }{
		{
			"good", `{"amount": 12.50, "count": 2, "paid": true, "when": "2026-01-31", "note": null, "rows": [{"id": 1}], "pdf": "AAE="}`,
			`{"amount":12.50,"count":2,"paid":true,"when":"2026-01-31","note":null,"rows":[{"id":1}],"pdf":"AAE="}`,
		},
		{"order", `{"count":2,"amount":1}`, `{"amount":1,"count":2}`},
		{"escapes", `{"amount":1,"note":"\u00e8\n\ud83d\ude00"}`, `{"amount":1,"note":"è\n😀"}`},
		{
			"any", `{"amount":1,"free":{"a":[1,2.50,null,"x",{}],"__proto__":true}}`,
			`{"amount":1,"free":{"a":[1,2.50,null,"x",{}],"__proto__":true}}`,
		},
		{"J01", `{"amount":1,"amount":2}`, "at byte 12: a name stands twice in one record"},
		{"J01", `{"amount":1,"free":{"a":1,"a":2}}`, "at byte 26: a name stands twice in one record"},
		{"J02", `{"Amount":1,"amount":2}`, "/Amount: expected no such field"},
		{"J03", `{"amount":1,"free":` + strings.Repeat("[", 100_000), "at byte 82: nested deeper than 64"},
		{"J04", `{"amount":9007199254740993.01}`, `{"amount":9007199254740993.01}`},
		{"J05", `{"amount":1e400}`, "at byte 12: an exponent beyond 308"},
		{"J05", `{"amount":1.5e3}`, `{"amount":1500}`},
		{"J05", `{"amount":-0}`, `{"amount":-0}`},
		{"J05", `{"amount":1e}`, "at byte 12: expected a digit in the exponent"},
		{"J05", `{"amount":NaN}`, "at byte 10: expected a value"},
		{"J05", `{"amount":0x1}`, "at byte 11: expected a comma or }"},
		{"J05", `{"amount":01}`, "at byte 10: a number with a leading zero"},
		{"J05", `{"amount":.5}`, "at byte 10: expected a value"},
		{"J05", `{"amount":1e4000}`, "at byte 12: an exponent beyond 308"},
		{"J06", `{"amount":` + strings.Repeat("1", 100_000) + `}`, "at byte 10: a number that is too long"},
		{"J07", `{"amount":1} {}`, "at byte 13: something after the end"},
		{"J07", `{"amount":1}garbage`, "at byte 12: something after the end"},
		{"J08", "\xef\xbb\xbf{}", "at byte 0: a byte order mark"},
		{"J08", "{\"amount\":1,\"note\":\"\xff\"}", "at byte 20: not UTF-8"},
		{"J08", "\x00{\x00}", "at byte 0: expected a value"},
		{"J09", `{"amount":1,"note":"\ud800"}`, "at byte 20: half a surrogate pair"},
		{"J10", `{"amount":1,"note":"\u0000"}`, "/note: expected text without the character NUL"},
		{"J14", `{"amount":null}`, "/amount: expected a decimal, found null"},
		{"J14", `{"amount":"1"}`, "/amount: expected a decimal, found text"},
		{"J14", `{"count":1.5}`, "/count: expected an integer, found a decimal; /amount: expected a decimal, found nothing"},
		{"J14", `{"amount":1,"count":0}`, "/count: expected at least 1"},
		{"J14", `{"amount":1,"count":9223372036854775808}`, "/count: expected an integer of 64 bits"},
		{"J14", `{"amount":1,"rows":[{"id":1},{"id":"x"}]}`, "/rows/1/id: expected an integer, found text"},
		{"J16", `{"amount":1,"cf":"RSSMRA80A01L736Ս"}`, "/cf: expected text of the format codice-fiscale"},
		{"J17", `{"amount":1,"when":"2026-02-30"}`, "/when: expected a date, found text"},
		{"J17", `{"amount":1,"when":"2026-01-31+01:00"}`, "/when: expected a date, found text"},
		{"J17", `{"amount":1,"when":"10000-01-01"}`, "/when: expected a date, found text"},
		{"J18", ``, "at byte 0: expected a value"},
		{"J18", ` `, "at byte 1: expected a value"},
		{"J18", `null`, ": expected a record, found null"},
		{"J19", `{"amount":1,"pdf":"AAE"}`, "/pdf: expected bytes in base64"},
		{"length", `{"amount":1,"note":"canarino"}`, "/note: expected at most 5 characters"},
		{"comma", `{"amount":1,}`, "at byte 12: a comma before the end"},
		{"control", "{\"amount\":1,\"note\":\"\n\"}", "at byte 20: a control character in a string"},
		{"missing", `{}`, "/amount: expected a decimal, found nothing"},
		{
			"all", `{"amount":"x","count":"y","paid":1,"when":2,"rows":{},"x":1}`,
			"/amount: expected a decimal, found text; /count: expected an integer, found text; " +
				"/paid: expected a boolean, found a number; /when: expected a date, found a number; /rows: expected a list, found a record; /x: " +
				"expected no such field",
		},
		{
			"unknown first", `{"x":1,"amount":"y","rows":[{"y":1,"id":"z"}]}`,
			"/x: expected no such field; /amount: expected a decimal, found text; /rows/0/y: expected no such field; " +
				"/rows/0/id: expected an integer, found text",
		},
		{"nul in a name", `{"amount":1,"free":{"a":{"b\u0000":1,"c":2}}}`, "/free/a: expected names without the character NUL"},
		{"half", `{"amount":1,"note":"\ud83d\u0041"}`, "at byte 20: half a surrogate pair"},
		{"escape", `{"amount":1,"note":"\x41"}`, "at byte 20: an escape that JSON does not have"},
		{"hex", `{"amount":1,"note":"\u00g1"}`, "at byte 20: expected four hexadecimal digits after \\u"},
		{"end", `{"amount":1,"note":"`, "at byte 20: the string does not end"},
		{"end", `{"amount":1`, "at byte 11: expected a comma or }"},
		{"end", `{"amount":1,"rows":[`, "at byte 20: expected a value"},
		{"name", `{amount:1}`, "at byte 1: expected a name in quotes"},
		{"colon", `{"amount" 1}`, "at byte 10: expected a colon"},
		{"word", `{"amount":1,"paid":tru}`, "at byte 19: expected a value"},
		{"nul", "{\"amount\":1}\x00", "at byte 12: something after the end"},
		{"space", " {\t\"amount\"\r\n: 1 } \n", `{"amount":1}`},
		{"foreign", `{"amount":1,"RSSMRA è":1}`, "/(unknown): expected no such field"},
	} {
		v, err := d.Decode([]byte(c.in))
		got := ""
		if err != nil {
			got = err.Error()
			var vs schema.Violations
			if errors.As(err, &vs) && vs[0].Path == "" {
				got = ": " + got
			}
		} else {
			got = string(AppendJSON(nil, v))
		}
		if got != c.want {
			t.Errorf("%s %.60s\nfound    %.120s\nexpected %.120s", c.row, c.in, got, c.want)
		}
	}
}

// TestDecodePruned passes over what is not in use, whatever it is, but not over what is no JSON.
func TestDecodePruned(t *testing.T) {
	var use schema.Use
	use.Field("rows").Elem().Field("id").All()
	d := CompileJSON(schema.Prune(payment(), &use), JSONOptions{})
	v, err := d.Decode([]byte(`{"amount":"wrong","rows":[{"id":7}],"other":{"deep":[1,2,{"x":"\u00e8"}]}}`))
	if err != nil || string(AppendJSON(nil, v)) != `{"rows":[{"id":7}]}` {
		t.Errorf("%s %v", AppendJSON(nil, v), err)
	}
	if _, err := d.Decode([]byte(`{"amount":[1,2,"rows":[]}`)); err == nil {
		t.Error("broken JSON in a part that is passed over was taken")
	}
}

// FuzzJSON: what encoding/json refuses is refused; what is taken has the same content.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e3,"x\u00e8",null,true]}`, `[]`, `"\ud83d\ude00"`, `{"a":{"b":{}}}`, `1e5`, "\"\xff\""} {
		f.Add([]byte(s))
	}
	d := CompileJSON(schema.TypeAny, JSONOptions{})
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := d.Decode(append([]byte(nil), data...))
		if err != nil {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("taken, and is no JSON: %q", data)
		}
		var want, got any
		out := AppendJSON(nil, v)
		if err := json.Unmarshal(data, &want); err != nil {
			return // a number that no float holds
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("written, and is no JSON: %q", out)
		}
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("read %q, written %q", data, out)
		}
	})
}
