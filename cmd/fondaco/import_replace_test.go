package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImportReplace: an import follows its own advice: the file that was missing is put beside the description, and the same
// command with --replace brings the connector up to date. What a person has written stays, with the new text beside it.
func TestImportReplace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, "town", name))
		if err != nil {
			return ""
		}
		return string(data)
	}
	wsdl := func(operations ...string) string {
		types, messages, abstract, concrete := "", "", "", ""
		for _, o := range operations {
			types += `<x:element name="` + o + `"><x:complexType><x:sequence><x:element name="uno" type="x:string"/></x:sequence></x:complexType></x:element>`
			messages += `<message name="` + o + `"><part name="p" element="t:` + o + `"/></message>`
			abstract += `<operation name="` + o + `"><input message="t:` + o + `"/><output message="t:` + o + `"/></operation>`
			concrete += `<operation name="` + o + `"><s:operation soapAction="` + o +
				`"/><input><s:body use="literal"/></input><output><s:body use="literal"/></output></operation>`
		}
		return `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" xmlns:a="urn:a" targetNamespace="urn:t">
<types><x:schema targetNamespace="urn:t"><x:import namespace="urn:a" schemaLocation="http://altrove.example.org/a.xsd"/>` + types +
			`<x:element name="altro"><x:complexType><x:sequence><x:element ref="a:dato"/></x:sequence></x:complexType></x:element></x:schema></types>` +
			messages + `<message name="altro"><part name="p" element="t:altro"/></message>` +
			`<portType name="T">` + abstract + `<operation name="altro"><input message="t:altro"/><output message="t:altro"/></operation></portType>` +
			`<binding name="B" type="t:T"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>` + concrete +
			`<operation name="altro"><s:operation soapAction="altro"/><input><s:body use="literal"/></input><output><s:body use="literal"/></output></operation></binding>` +
			`<service name="Prova"><port name="P" binding="t:B"><s:address location="http://prova.example.org/ws"/></port></service></definitions>`
	}
	command(t, dir, "new", "town")
	town, vendor := filepath.Join(dir, "town"), filepath.Join(dir, "vendor", "prova.wsdl")
	put("vendor/prova.wsdl", wsdl("leggi", "scrivi"))
	imported := func(more ...string) (int, string, string) {
		return command(t, town, append([]string{"import", "wsdl", vendor, "--name", "prova"}, more...)...)
	}
	if _, out, problems := imported(); !strings.Contains(out+problems, "import again with --replace") {
		t.Errorf("found %s%s", out, problems)
	}
	connector := strings.Replace(got("connectors/prova/connector.yaml"), "title:", "title: mia # ", 1)
	put("town/connectors/prova/connector.yaml", connector)
	put("town/connectors/prova/samples/leggi.yaml", "- answer: { uno: mio }\n")
	put("town/connectors/prova/samples/mio.txt", "nobody's business")
	put("vendor/a.xsd", `<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:a"><x:element name="dato" type="x:string"/></x:schema>`)
	put("vendor/prova.wsdl", wsdl("leggi", "chiedi"))
	if code, _, problems := imported(); code != exitUsage || !strings.Contains(problems, "Say --replace") {
		t.Errorf("without the word: exit code %d, %s", code, problems)
	}
	code, out, problems := imported("--replace")
	if code != exitOK || strings.Contains(out, "Missing") {
		t.Fatalf("exit code %d\n%s%s", code, out, problems)
	}
	if got("connectors/prova/connector.yaml") != connector || got("connectors/prova/samples/leggi.yaml") != "- answer: { uno: mio }\n" ||
		got("connectors/prova/samples/mio.txt") == "" {
		t.Error("what a person wrote was not kept")
	}
	for _, want := range []string{
		"connectors/prova/connector.yaml. What it would be now is in connector.yaml.new",
		"connectors/prova/samples/leggi.yaml.",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("expected %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "samples/altro.yaml.") || strings.Contains(out, "prova.wsdl. What") {
		t.Errorf("files that nobody changed are kept:\n%s", out)
	}
	for name, want := range map[string]string{
		"connectors/prova/connector.yaml.new": "  chiedi:", "connectors/prova/wsdl/prova.wsdl": `name="chiedi"`,
		"connectors/prova/wsdl/a.xsd":          "dato",
		"connectors/prova/samples/chiedi.yaml": "answer", "connectors/prova/schemas/altro.input.json": "dato",
	} {
		if !strings.Contains(got(name), want) {
			t.Errorf("expected %q in %s: %s", want, name, got(name))
		}
	}
	for _, gone := range []string{"connectors/prova/samples/scrivi.yaml", "connectors/prova/schemas/scrivi.input.json"} {
		if got(gone) != "" {
			t.Errorf("%s is still there", gone)
		}
	}
	// who takes what is beside has nothing of his own any more, and the next import asks for nothing
	put("town/connectors/prova/connector.yaml", got("connectors/prova/connector.yaml.new"))
	put("town/connectors/prova/samples/leggi.yaml", got("connectors/prova/samples/leggi.yaml.new"))
	code, out, problems = imported("--replace")
	if code != exitOK || strings.Contains(out, "Kept") || got("connectors/prova/connector.yaml.new") != "" {
		t.Errorf("a third time: exit code %d\n%s%s", code, out, problems)
	}
	project := strings.Replace(got("fondaco.yaml"), "systems:\n",
		"systems:\n  prova:\n    connector: ./connectors/prova\n    params: { endpoint: \"${env.PROVA_URL}\" }\n", 1)
	put("town/fondaco.yaml", project)
	if code, out, problems := command(t, town, "check"); code != exitOK || problems != "" {
		t.Errorf("check: exit code %d\n%s%s", code, out, problems)
	}
}
