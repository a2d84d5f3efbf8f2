package soap

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fondaco/connectors/connectortest"
)

// jaxwsLib is where JAX-WS and its tools are.
const jaxwsLib = "../../.tools/jaxws/lib/*"

// TestPeerJavaCalls: wsimport makes a client of the description that we serve, and its calls and our answers are understood.
func TestPeerJavaCalls(t *testing.T) {
	jars, _ := filepath.Glob("../../.tools/jaxws/lib/jaxws-tools-*.jar")
	if _, err := exec.LookPath("javac"); err != nil || len(jars) == 0 {
		connectortest.Absent(t, "wsimport or a JDK")
	}
	folder := t.TempDir()
	least, greatest := filepath.Join(folder, "least"), filepath.Join(folder, "greatest")
	// JAXB writes a tab in an attribute as it is, which XML reads as a blank.
	most := strings.NewReplacer(`"label":" a\tb`, `"label":" a b`, `"QName":"nome"`, `"QName":"w:nome"`).Replace(zeepGreatest)
	least1, greatest1 := valuesXML(t, least, zeepLeast, "t:"), valuesXML(t, greatest, most, "t:")
	valuesXML(t, least+"-unqualified", zeepLeast, "")
	valuesXML(t, greatest+"-unqualified", most, "")
	document := servedToPeers(t, "peers/wsdl/document.wsdl", "", []string{"echo", "turn", "refuse", "greet", "note", "noted", "upload", "bare"})
	rpc := servedToPeers(t, "peers/wsdl/rpc.wsdl", "", []string{"echo", "turn", "divide", "refuse", "greet"})
	classes := wsimported(t, folder, map[string]string{"document": document, "rpc": rpc})
	for version, client := range map[string]string{"Soap11": "Client", "Soap12": "Sender"} {
		t.Run(version, func(t *testing.T) {
			javaCalls(t, classes, "CallDocument", []string{document + "?wsdl", version, least, greatest}, [][2]string{
				{"wrapped least", least1},
				{"bare least", least1},
				{"wrapped greatest", greatest1},
				{"bare greatest", greatest1},
				{"inheritance", "Filiale 01234567890 3 Capo vatFR1 Ada è <&>/"},
				{"none of a list", "0"},
				{"fault", "non <oggi> è tardi 7 [a, è] Ada"},
				{"header", "ciao Ada è è 7"},
				{"one way", "sent"},
				{"no parameters", "prendi nota"},
				{"octets", "same, 5"},
				{"octets beside the envelope", "same, 100003"},
				{"not as the schema says", "fault " + client + " /values/code: expected text of the form ^(?:[A-Z]{2,4})$"},
			})
		})
	}
	t.Run("rpc", func(t *testing.T) {
		javaCalls(t, classes, "CallRpc", []string{rpc + "?wsdl", least + "-unqualified", greatest + "-unqualified"}, [][2]string{
			{"least-unqualified", least1},
			{"greatest-unqualified", greatest1},
			{"inheritance", "01234567890 Ada"},
			{"two answers", "-3 -1"},
			{"a fault without detail", "fault Server / by zero"},
			{"fault", "non <oggi> è tardi 7"},
			{"header", "ciao Ada è è 7"},
		})
	})
}

// valuesXML writes values, in the form that zeep is given, as XML whose elements have the prefix, and returns what a client says of their coming back.
func valuesXML(t *testing.T, file, text, prefix string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	var attributes, elements bytes.Buffer
	element := func(name string, v any) {
		elements.WriteString("<" + prefix + name)
		if v == nil {
			elements.WriteString(` xsi:nil="true"/>`)
			return
		}
		elements.WriteString(">")
		_ = xml.EscapeText(&elements, []byte(v.(string)))
		elements.WriteString("</" + prefix + name + ">")
	}
	count := 0
	_, _ = d.Token()
	for d.More() {
		name, _ := d.Token()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		switch list, many := v.([]any); {
		case slices.Contains([]string{"ID", "IDREF", "IDREFS"}, name.(string)): // they name elements of a document
		case slices.Contains([]string{"count", "label", "when"}, name.(string)):
			attributes.WriteString(" " + name.(string) + `="`)
			_ = xml.EscapeText(&attributes, []byte(v.(string)))
			attributes.WriteString(`"`)
		case many:
			for _, v := range list {
				element(name.(string), v)
				count++
			}
		default:
			element(name.(string), v)
			count++
		}
	}
	whole := `<t:values xmlns:t="urn:fondaco:zeep" xmlns:w="urn:fondaco:altro" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"` + attributes.String() + ">" +
		elements.String() + "</t:values>"
	if err := os.WriteFile(file, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	return "same, " + strconv.Itoa(count)
}

// wsimported makes clients of what is served at addresses, each in the package of its name, and compiles their callers.
func wsimported(t *testing.T, folder string, services map[string]string) (classes string) {
	t.Helper()
	sources := filepath.Join(folder, "sources")
	classes = filepath.Join(folder, "classes")
	for _, d := range []string{sources, classes} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for name, address := range services {
		if out, err := exec.CommandContext(ctx, "java", "-XX:TieredStopAtLevel=1", "-cp", jaxwsLib, "com.sun.tools.ws.WsImport", "-quiet", "-keep",
			"-Xnocompile", "-extension", "-XadditionalHeaders", "-p", "called."+name, "-s", sources, address+"?wsdl").CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
			t.Fatalf("wsimport of %s: %v\n%s", name, err, out)
		}
	}
	files := []string{}
	for _, pattern := range []string{filepath.Join(sources, "called/*/*.java"), "peers/calls/*.java"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal("no sources", pattern, err)
		}
		files = append(files, found...)
	}
	if out, err := exec.CommandContext(ctx, "javac", append([]string{"-nowarn", "-encoding", "UTF-8", "-d", classes, "-cp", jaxwsLib}, files...)...).
		CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return classes
}

// javaCalls runs a caller and compares what it reports, a line a case.
func javaCalls(t *testing.T, classes, name string, arguments []string, want [][2]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "java", append([]string{
		"-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", classes + ":" + jaxwsLib, "fondaco.calls." + name,
	}, arguments...)...)
	var trouble bytes.Buffer
	command.Stderr = &trouble
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, trouble.Bytes())
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(want) {
		t.Errorf("%d cases, expected %d\n%s", len(lines), len(want), trouble.Bytes())
	}
	for i, line := range lines[:min(len(lines), len(want))] {
		got, told, _ := strings.Cut(line, "\t")
		t.Run(want[i][0], func(t *testing.T) {
			if got != want[i][0] || told != want[i][1] {
				t.Errorf("got  %s %.3000s\nwant %s %s", got, told, want[i][0], want[i][1])
			}
		})
	}
}
