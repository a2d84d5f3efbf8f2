package parts

import (
	"errors"
	"fmt"
	"mime"
	"strings"
	"testing"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// report is a form with a field of each kind.
func report(t *testing.T) *Form {
	t.Helper()
	max := 3
	form, err := Of(schema.RecordType(
		schema.Field{Name: "testo", Type: &schema.Type{Kind: schema.KindText, MaxLength: &max}, Required: true},
		schema.Field{Name: "numero", Type: schema.TypeInt},
		schema.Field{Name: "dove", Type: schema.RecordType(schema.Field{Name: "lat", Type: schema.TypeDecimal, Required: true})},
		schema.Field{Name: "foto", Type: &schema.Type{Kind: schema.KindList, Elem: schema.TypeBytes, MaxLength: &max}},
		schema.Field{Name: "tag", Type: &schema.Type{Kind: schema.KindList, Elem: schema.TypeText}},
	), map[string]Encoding{"foto": {Binary: true, ContentType: "image/png, image/jpeg", Size: 10}})
	if err != nil {
		t.Fatal(err)
	}
	return form
}

const (
	text  = "--B\r\nContent-Disposition: form-data; name=\"testo\"\r\n\r\nab\r\n"
	photo = "--B\r\nContent-Disposition: form-data; name=\"foto\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n"
	end   = "--B--\r\n"
)

// TestStrict: what callers send is taken or refused as a whole, and the reason repeats nothing of it.
func TestStrict(t *testing.T) {
	form := report(t)
	part := func(head, content string) string { return "--B\r\n" + head + "\r\n\r\n" + content + "\r\n" }
	named := func(name string) string { return `Content-Disposition: form-data; name="` + name + `"` }
	file := func(name string) string {
		return named("foto") + `; filename="` + name + "\"\r\nContent-Type: image/png"
	}
	for _, c := range []struct{ body, want string }{
		{text + end, `{"testo":"ab"}`},
		{text + photo + photo + end, `{"testo":"ab","foto":[{"content":"iVBORw==","name":"a.png","type":"image/png"},` +
			`{"content":"iVBORw==","name":"a.png","type":"image/png"}]}`},
		{
			text + part(named("numero"), "7") + part(named("dove"), `{"lat":1.50}`) + part(named("tag"), "") + part(named("tag"), "x") + "--B--",
			`{"testo":"ab","numero":7,"dove":{"lat":1.50},"tag":["","x"]}`,
		},
		{text + "--B\r\n" + file(`a %22b%22.png`) + "\r\n\r\n\r\n" + end, `{"testo":"ab","foto":[{"content":"","name":"a \"b\".png","type":"image/png"}]}`},
		{strings.Replace(text, "--B", "--B \t", 1) + end, `{"testo":"ab"}`},
		{text + part(file("x.png"), "\r\n--Bx\r\n") + end, `{"testo":"ab","foto":[{"content":"DQotLUJ4DQo=","name":"x.png","type":"image/png"}]}`},
		{part("X-Other: 1\r\n"+named("testo")+"\r\nContent-Type: text/plain; charset=iso-8859-1", "\xe8") + end, `{"testo":"è"}`},

		{"", "does not begin with the boundary"},
		{"--B", "a boundary does not end its line"},
		{"x\r\n" + text + end, "does not begin with the boundary"},
		{text, "the last boundary is missing"},
		{text + "--Bx--\r\n", "the last boundary is missing"},
		{strings.ReplaceAll(text+end, "\r\n", "\n"), "a boundary does not end its line"},
		{text + end + "x", "something stands after its end"},
		{text + end + text + end, "something stands after its end"},
		{text + text + end, "two parts of the name testo"},
		{part("", "x") + end, "a part has no name"},
		{part("Content-Disposition: form-data", "x") + end, "a part has no name"},
		{part("Content-Disposition: form-data; name=a; name=b", "x") + end, "Content-Disposition of a part cannot be read"},
		{part(named("testo")+"\r\n"+named("numero"), "x") + end, "has a header twice"},
		{part(named("testo")+"\r\nX: "+strings.Repeat("x", 9000), "x") + end, "longer than 8 KiB"},
		{part(named("testo")+"\r\n folded", "x") + end, "a line that is not a header"},
		{part(named("testo")+"\r\nX: a\nb", "x") + end, "a line that is not a header"},
		{part("Content-Disposition: form-data; name=\"te\xff\"", "x") + end, "not in UTF-8"},
		{part(file("../../etc/passwd"), "x") + end, "the name of a file holds a path"},
		{part(file(`C:\\a.png`), "x") + end, "the name of a file holds a path"},
		{part(file(".."), "x") + end, "the name of a file holds a path"},
		{part(file("a%0D%0AX-Evil: 1.png"), "x") + end, "control characters"},
		{part(named("foto")+"; filename=a; filename*=utf-8''b\r\nContent-Type: image/png", "x") + end, "cannot be read"},
		{part(named("foto")+"\r\nContent-Type: multipart/mixed; boundary=C", "--C\r\n\r\n\r\n--C--") + end, "a part has parts of its own"},
		{part(named("foto")+"\r\nContent-Transfer-Encoding: base64", "eA==") + end, "Content-Transfer-Encoding"},
		{text + strings.Repeat(part(named("tag"), ""), 100) + end, "too many parts"},
		{text + part(file("a.png"), strings.Repeat("x", 11)) + end, "the file foto is larger than 10 bytes"},

		{text + part(named("altro"), "x") + end, "/(unknown): expected no such part"},
		{end, "/testo: expected a value"},
		{part(named("testo"), "abcd") + end, "/testo: expected at most 3 characters"},
		{part(named("testo"), "\xff") + end, "/testo: expected text in the charset"},
		{part(named("testo"), "a\x00") + end, "/testo: expected text without the character NUL"},
		{text + part(named("numero"), "7.5") + part(named("dove"), `{"lat":"x"}`) + end, "/numero: expected an integer, found text; /dove/lat: expected a decimal, found text"},
		{text + part(named("dove"), `{"lat":1} x`) + end, "/dove: expected"},
		{text + photo + photo + photo + photo + end, "/foto: expected at most 3 items"},
		{text + part(named("foto")+"; filename=a\r\nContent-Type: text/html", "x") + end, "/foto: expected a file of the type image/png, image/jpeg"},
		{text + part(named("foto")+"; filename=a", "x") + end, "/foto: expected a file of the type"},
	} {
		got := ""
		v, err := form.Decode([]byte(c.body), "B", Reading{Most: 100, Strict: true})
		if err != nil {
			got = err.Error()
		} else {
			got = string(codec.AppendJSON(nil, v))
		}
		if got != c.want && (c.want[0] == '{' || !strings.Contains(got, c.want)) {
			t.Errorf("%q:\nfound    %s\nexpected %s", c.body, got, c.want)
		}
		if strings.Contains(got, "passwd") || strings.Contains(got, "Evil") {
			t.Errorf("%q is repeated: %s", c.body, got)
		}
	}
	for _, boundary := range []string{"", strings.Repeat("B", 71)} {
		var broken *Broken
		if _, err := form.Decode([]byte(text+end), boundary, Reading{Most: 100}); !errors.As(err, &broken) {
			t.Errorf("%q: found %v", boundary, err)
		}
	}
}

// TestMany: a body of many small parts costs what it is long, and is refused at its bound.
func TestMany(t *testing.T) {
	body := []byte(text + strings.Repeat("--B\r\n\r\n\r\n", 100_000) + end)
	if _, err := report(t).Decode(body, "B", Reading{Most: 1000}); !errors.Is(err, ErrMany) {
		t.Errorf("found %v", err)
	}
	if n := testing.AllocsPerRun(5, func() { _, _ = report(t).Decode(body, "B", Reading{Most: 1000}) }); n > 20_000 {
		t.Errorf("%v allocations for the first 1000 of 100000 parts", n)
	}
}

// TestRoundTrip: what is written is read as it was, whatever stands in names and contents.
func TestRoundTrip(t *testing.T) {
	form := report(t)
	foto := form.Type().Fields[form.Type().Index("foto")].Type.Elem
	for _, name := range []string{"a.png", "", "è \"x\".png", "100%.png", "a;b=c.png"} {
		for _, content := range []string{"", "\r\n", "--", "\r\n--B--\r\n", "\x00\xff"} {
			v := schema.RecordOf(form.Type(), schema.Text("ab"), schema.Int(7), schema.Value{}, schema.List([]schema.Value{
				schema.RecordOf(foto, schema.Bytes([]byte(content)), schema.Text(name), schema.Text("image/png")),
			}), schema.List([]schema.Value{schema.Text("")}))
			body, contentType, err := form.Write(v, "multipart/form-data", 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			_, params, err := mime.ParseMediaType(contentType)
			if err != nil {
				t.Fatal(err)
			}
			got, err := form.Decode(body, params["boundary"], Reading{Most: 10, Strict: true})
			if err != nil {
				t.Fatalf("%q %q: %v", name, content, err)
			}
			want := strings.Replace(string(codec.AppendJSON(nil, v)), `"name":"",`, "", 1)
			if found := string(codec.AppendJSON(nil, got)); found != want {
				t.Errorf("%q %q: found %s, expected %s", name, content, found, want)
			}
		}
	}
}

// FuzzDecode: any body is read or refused; what is read strictly is read openly too.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(text + photo + end))
	f.Add([]byte("--B\r\nContent-Disposition: form-data; name=dove\r\n\r\n{}\r\n--B--"))
	f.Add([]byte(fmt.Sprintf("--B%s\r\n\r\n--B--", strings.Repeat("\t", 50))))
	form, err := Of(schema.RecordType(schema.Field{Name: "a", Type: schema.TypeAny},
		schema.Field{Name: "f", Type: schema.TypeBytes}), map[string]Encoding{"f": {Binary: true}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		strict, err := form.Decode(body, "B", Reading{Most: 20, Strict: true})
		open, openErr := form.Decode(body, "B", Reading{Most: 20, Open: true})
		if err == nil && (openErr != nil || string(codec.AppendJSON(nil, strict)) != string(codec.AppendJSON(nil, open))) {
			t.Errorf("%q: read strictly and openly differ: %v", body, openErr)
		}
	})
}
