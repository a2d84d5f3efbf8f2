package soap

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"fondaco/config/diag"
	"fondaco/connectors/soap/wsdl"
	"fondaco/connectors/soap/xsd"
	"fondaco/transform/codec"
)

// canon writes an element so that two which say the same are the same text: names with their namespaces, attributes in
// order, no white space between elements.
func canon(n *node, encoded bool, b *strings.Builder) {
	fmt.Fprintf(b, "<{%s}%s", n.Space, n.Local)
	var attrs []string
	for _, a := range n.attrs {
		switch {
		case a.Space == xsd.InstanceSpace && a.Local == "type":
			a.Value = "{" + n.typ.Space + "}" + n.typ.Local
			if encoded {
				continue // SOAP encoding may say it, or not
			}
		case a.Local == "encodingStyle" || a.Local == "arrayType" || a.Space == xsd.InstanceSpace && a.Local == "nil" && a.Value != "true" &&
			a.Value != "1":
			continue
		}
		attrs = append(attrs, fmt.Sprintf(" {%s}%s=%q", a.Space, a.Local, a.Value))
	}
	slices.Sort(attrs)
	b.WriteString(strings.Join(attrs, "") + ">")
	elements := slices.ContainsFunc(n.kids, func(k *node) bool { return k.Local != "" })
	for _, k := range n.kids {
		switch {
		case k.Local != "":
			canon(k, encoded, b)
		case !elements || strings.TrimSpace(k.text) != "":
			b.WriteString(strings.TrimSpace(k.text))
		}
	}
	b.WriteString("</>\n")
}

// insideOf returns what the Body of a message holds, canonically.
func insideOf(data []byte, encoded bool) string {
	root, _, err := readNodes(data)
	if err != nil {
		return "no XML: " + err.Error()
	}
	var b strings.Builder
	for _, part := range root.kids {
		if part.Local == "Body" {
			for _, k := range part.kids {
				if k.Local != "" {
					canon(k, encoded, &b)
				}
			}
		}
	}
	return b.String()
}

// TestPairs reads the requests and responses of node-soap's samples into values and writes them again: the same comes
// out. testdata/pairs.txt lists those of which that is not so, each with its reason.
func TestPairs(t *testing.T) {
	dir := corpus + "/wsdl-corpus/node-soap/request-response-samples"
	folders, err := os.ReadDir(dir)
	if err != nil {
		t.Skip("the gathered WSDLs are absent")
	}
	except := map[string]string{}
	list, err := os.ReadFile("testdata/pairs.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		if what, why, ok := strings.Cut(strings.TrimSpace(line), " | "); ok {
			except[what] = why
		}
	}
	same, total := 0, 0
	for _, f := range folders {
		for _, which := range []string{"request", "response"} {
			data, err := os.ReadFile(path.Join(dir, f.Name(), which+".xml"))
			if err != nil {
				continue
			}
			total++
			what := f.Name() + "/" + which
			wrong := pair(t, path.Join(dir, f.Name()), f.Name(), which, data)
			why, listed := except[what]
			switch {
			case wrong == "":
				same++
				if listed {
					t.Errorf("%s is the same, and listed as an exception", what)
				}
			case !listed:
				t.Errorf("%s: %s", what, wrong)
			default:
				t.Logf("exception %s: %s", what, why)
			}
			delete(except, what)
		}
	}
	for what := range except {
		t.Errorf("%s is listed and not there", what)
	}
	t.Logf("pairs: %d messages in %d folders, %d the same, %d exceptions", total, len(folders), same, total-same)
}

// pair returns what differs when a message is read and written again, "" for nothing.
func pair(t *testing.T, dir, folder, which string, data []byte) string {
	t.Helper()
	name, _, _ := strings.Cut(folder, "__")
	var out diag.List
	d := wsdl.Read(os.DirFS(dir), "soap.wsdl", &out, diag.Pos{File: "soap.wsdl"})
	if d == nil {
		return "the WSDL does not load: " + out.Sorted()[0].Message
	}
	requests, answers := xsd.Compilers(d.Schemas, nil)
	for _, p := range d.Ports() {
		for _, b := range d.Operations(p) {
			if b.Name != name {
				continue
			}
			c, kind := requests, "input"
			if which == "response" {
				c, kind = answers, "output"
			}
			body := d.Body(c, b, kind)
			faults := d.Faults(answers, b)
			requests.Finish()
			answers.Finish()
			if body == nil {
				return "the operation does not load: " + out.Sorted()[0].Message
			}
			in := &received{envelope: data}
			if first, _, _ := strings.Cut(strings.TrimSpace(string(data)), "\n"); strings.HasPrefix(first, "--") {
				text := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(string(data)), "\r\n", "\n"), "\n", "\r\n")
				var err error
				if in, err = unpack(`multipart/related; boundary="`+strings.TrimSpace(first)[2:]+`"`, []byte(text), ""); err != nil {
					return "cannot be read: " + err.Error()
				}
			}
			v := versions[p.Version]
			for _, x := range versions {
				if root, _, err := readNodes(in.envelope); err == nil && root.Space == x.space {
					v = x
				}
			}
			value, fault, _, err := v.reads(body, body.Type, faults).take(in, true, nil)
			if err != nil {
				return "cannot be read: " + err.Error()
			}
			if fault != nil {
				return ""
			}
			again, err := v.writes(body).append(nil, value, nil)
			if err != nil {
				return "cannot be written: " + err.Error() + " of " + string(codec.AppendJSON(nil, value))
			}
			if got, want := insideOf(again, body.Encoding != ""), insideOf(in.envelope, body.Encoding != ""); got != want {
				return "differs\n got  " + got + "\n want " + want
			}
			return ""
		}
	}
	return "the WSDL has no operation " + name
}
