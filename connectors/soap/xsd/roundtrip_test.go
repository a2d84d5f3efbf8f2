package xsd_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"fondaco/config/diag"
	"fondaco/connectors/soap/wsdl"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// plainly is the JSON of a value with empty lists left out: a variant's record has lists of others too.
func plainly(v schema.Value) string {
	return strings.NewReplacer(`[]`, ``).Replace(string(codec.AppendJSON(nil, v)))
}

// roundTrip writes made values of a body and reads them again; it returns how many, and what was not the same.
func roundTrip(b *wsdl.Body, seed uint64, times int) (tried int, wrong string) {
	if b == nil || b.Empty || b.Several {
		return 0, ""
	}
	for i := range times {
		in, ok := xsd.MakeValue(b.Plan, seed, uint64(i))
		if !ok {
			continue
		}
		tried++
		w := &xsd.Writing{MTOM: i%2 == 1}
		data, err := wrote(b, w, in)
		if err != nil {
			if xsd.NotTold(err) {
				continue // a choice between sequences that begin alike: which one is meant, values do not say
			}
			return tried, fmt.Sprintf("cannot be written: %v\n%s", err, codec.AppendJSON(nil, in))
		}
		parts := map[string][]byte{}
		for _, x := range w.Parts {
			parts[x.ID] = x.Octets
		}
		got, err := readBack(b, data, parts)
		if err != nil {
			return tried, fmt.Sprintf("cannot be read: %v\n%s\n%s", err, codec.AppendJSON(nil, in), data)
		}
		if a, c := plainly(in), plainly(got); a != c {
			// of groups whose elements may all be missing the octets do not say where one ends: they must be the same
			if again, err := wrote(b, &xsd.Writing{MTOM: w.MTOM}, got); err == nil && len(w.Parts) == 0 && bytes.Equal(again, data) &&
				strings.Contains(a, `"items`) {
				continue
			}
			return tried, fmt.Sprintf("differs\n made %s\n read %s\n wire %s", a, c, data)
		}
	}
	return tried, ""
}

// wrote returns the element of a body in one that declares the namespaces.
func wrote(b *wsdl.Body, w *xsd.Writing, v schema.Value) ([]byte, error) {
	es := xsd.NewEncoders(b.Encoding)
	root := es.Root(b.Root, b.Plan, nil)
	dst := append([]byte(`<message xmlns:xsi="`), xsd.InstanceSpace...)
	for i, space := range es.Namespaces() {
		dst = codec.AppendXMLAttr(fmt.Appendf(dst, `" xmlns:n%d="`, i), space)
	}
	dst, err := root.Append(w, append(dst, `">`...), v)
	return append(dst, "</message>"...), err
}

// readBack reads what wrote has written.
func readBack(b *wsdl.Body, data []byte, parts map[string][]byte) (schema.Value, error) {
	r := &xsd.Reading{Scanner: codec.NewXMLScanner(data, codec.XMLOptions{}), Strict: true, Loose: b.Encoding != "", Parts: parts}
	for range 2 {
		if ok, err := xsd.Child(r.Scanner); !ok || err != nil {
			return schema.Value{}, fmt.Errorf("there is no element: %w", err)
		}
	}
	v, err := xsd.NewDecoders(false).Of(b.Plan, b.Plan.Type()).Read(r, false)
	if err != nil {
		return v, err
	}
	if more, err := xsd.Child(r.Scanner); more || err != nil {
		return v, fmt.Errorf("the element does not end the message: %w", err)
	}
	return v, nil
}

// TestConformanceRoundTrip makes values of every operation of every WSDL at hand, writes them and reads them again: what comes
// back is what was made. "-run TestConformanceRoundTrip -v" prints how many.
func TestConformanceRoundTrip(t *testing.T) {
	first := "../../../../shared/specs"
	if _, err := os.Stat(first); err != nil {
		first = "../../.."
		t.Log("the gathered WSDLs are absent: only the repository's are tried")
	}
	for _, folder := range []string{first, "../../../../shared/suites/wsdl"} {
		if _, err := os.Stat(folder); err == nil {
			roundTrips(t, folder)
		}
	}
}

// roundTrips makes messages of the WSDLs in a folder.
func roundTrips(t *testing.T, folder string) {
	t.Helper()
	fsys := os.DirFS(folder)
	total, files, bad := 0, 0, 0
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".wsdl" {
			return err
		}
		sides := bodiesOf(fsys, name)
		if sides == nil {
			return nil
		}
		files++
		for i, s := range sides {
			n, wrong := roundTrip(s.b, uint64(i), 4)
			total += n
			if wrong != "" {
				bad++
				t.Errorf("%s, %s: %.1500s", name, s.name, wrong)
				if t.Failed() && total > 1<<20 {
					return fs.SkipAll
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("conformance: wsdl messages written and read again: files %d messages %d wrong %d", files, total, bad)
}

// side is a message of an operation.
type side struct {
	name string
	b    *wsdl.Body
}

// bodiesOf returns the messages of a WSDL, nil if it has problems.
func bodiesOf(fsys fs.FS, name string) []side {
	var out diag.List
	d := wsdl.Read(fsys, name, &out, diag.Pos{File: name, Line: 1, Col: 1})
	if d == nil {
		return nil
	}
	requests, answers := xsd.Compilers(d.Schemas, nil)
	sides := []side{}
	for _, p := range d.Ports() {
		for _, o := range d.Operations(p) {
			sides = append(sides, side{o.Name + " input", d.Body(requests, o, "input")}, side{o.Name + " output", d.Body(answers, o, "output")})
		}
	}
	requests.Finish()
	answers.Finish()
	if out.Failed() {
		return nil
	}
	return sides
}

// FuzzRoundTrip makes values of the messages of testdata/styles, writes them and reads them again.
func FuzzRoundTrip(f *testing.F) {
	fsys := os.DirFS("../testdata/styles")
	var sides []*wsdl.Body
	for _, name := range []string{"docarea.wsdl", "misto.wsdl"} {
		var out diag.List
		d := wsdl.Read(fsys, name, &out, diag.Pos{File: name})
		requests, answers := xsd.Compilers(d.Schemas, nil)
		for _, p := range d.Ports() {
			for _, b := range d.Operations(p) {
				sides = append(sides, d.Body(requests, b, "input"), d.Body(answers, b, "output"))
			}
		}
		requests.Finish()
		answers.Finish()
	}
	for i := range sides {
		f.Add(uint64(i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, which, seed uint64) {
		s := sides[which%uint64(len(sides))]
		if _, wrong := roundTrip(s, seed, 3); wrong != "" {
			t.Error(wrong)
		}
	})
}
