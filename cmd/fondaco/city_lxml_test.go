package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// lxmlPython is the Python with lxml that make test-all fetches; the test is skipped without it.
func lxmlPython(t *testing.T) string {
	t.Helper()
	python, err := filepath.Abs("../../.tools/python/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(python); err != nil {
		t.Skip("lxml is not installed (make test-all fetches it)")
	}
	return python
}

// TestCityAnswersByLxml: libxml2 finds what the city answers pagoPA valid by pagoPA's own schema, whether it is a yes or a
// no, and finds an answer with a code in the wrong place invalid.
func TestCityAnswersByLxml(t *testing.T) {
	t.Parallel()
	python := lxmlPython(t)
	schema := filepath.Join(exampleCity, "connectors/pagopa-ente/wsdl/xsd/paForNode.xsd")
	judge := func(envelope string) (string, error) {
		run := exec.Command(python, "testdata/lxml_judge.py", schema)
		run.Stdin = strings.NewReader(envelope)
		said, err := run.CombinedOutput()
		return string(said), err
	}
	p := startDemo(t)
	for _, c := range []struct {
		file, action string
		ours         bool
		outcome      string
	}{
		{"ReqPaGetPayment.xml", "paGetPayment", true, "OK"},
		{"ReqPaGetPayment.xml", "paGetPayment", false, "KO"},
		{"ReqPaSendRT.xml", "paSendRT", true, "OK"},
		{"ReqPaSendRT.xml", "paSendRT", false, "KO"},
	} {
		message, err := os.ReadFile(filepath.Join(exampleCity, "connectors/pagopa-ente/examples", c.file))
		if err != nil {
			t.Fatal(err)
		}
		body := strings.ReplaceAll(string(message), "</remittanceInformation>",
			"</remittanceInformation><transferCategory>9/0101108IM/</transferCategory>")
		if c.ours {
			body = strings.ReplaceAll(body, "77777777777", "00339370272")
		}
		_, answer, _ := p.ask(http.MethodPost, "/soap/pagopa", body, "Content-Type", "text/xml; charset=utf-8", "SOAPAction", `"`+c.action+`"`)
		if !strings.Contains(answer, "<outcome>"+c.outcome+"</outcome>") {
			t.Errorf("%s: expected %s in %s", c.action, c.outcome, answer)
		}
		if said, err := judge(answer); err != nil {
			t.Errorf("%s: %s\n%s", c.action, answer, said)
		}
		if _, err := judge(strings.Replace(answer, "<outcome>"+c.outcome+"</outcome>", "<outcome>SI</outcome>", 1)); err == nil {
			t.Errorf("%s: an outcome that the schema does not have is valid", c.action)
		}
	}
}

// TestCitySchemasByLxml: libxml2 compiles every schema of the city's systems that stands alone.
func TestCitySchemasByLxml(t *testing.T) {
	t.Parallel()
	python := lxmlPython(t)
	for _, file := range []string{
		"polizia-locale/wsdl/verbali.xsd", "pagopa-ente/wsdl/xsd/paForNode.xsd",
		"protocollo-docarea/xsd/segnatura.xsd",
	} {
		path := filepath.Join(exampleCity, "connectors", file)
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
			continue
		}
		said, err := exec.Command(python, "-c", "import sys; from lxml import etree; etree.XMLSchema(etree.parse(sys.argv[1]))", path).
			CombinedOutput()
		if err != nil {
			t.Errorf("%s: %s", file, said)
		}
	}
}
