package soap

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/connectortest"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// peer is another implementation of SOAP, running.
type peer struct{ address string }

// started runs another implementation until the test ends.
func started(t *testing.T, name string, arguments ...string) *peer {
	t.Helper()
	return &peer{connectortest.StartPeer(t, name, arguments...)}
}

// jaxws returns the peer in Java.
func jaxws(t *testing.T) *peer {
	t.Helper()
	jars, _ := filepath.Glob("../../.tools/jaxws/lib/jaxws-rt-*.jar")
	if _, err := exec.LookPath("javac"); err != nil || len(jars) == 0 {
		connectortest.Absent(t, "JAX-WS or a JDK")
	}
	sources, err := filepath.Glob("peers/java/*.java")
	if err != nil || len(sources) == 0 {
		t.Fatal("no sources", err)
	}
	const lib = "../../.tools/jaxws/lib/*"
	classes := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "javac", append([]string{"-nowarn", "-d", classes, "-cp", lib}, sources...)...).
		CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return started(t, "java", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", classes+":"+lib, "fondaco.peer.Peer")
}

// importing finds the addresses that a description imports.
var importing = regexp.MustCompile(`<(?:\w+:)?(?:import|include)\b[^>]*?\b(?:schemaLocation|location)="([^"]*)"`)

// connector makes a connector of what a peer says about one of its services, with a catalog for what that imports.
func (p *peer) connector(t *testing.T, path, more string, operations ...string) *connectors.Connector {
	t.Helper()
	files := fstest.MapFS{}
	catalog := ""
	known := map[string]bool{}
	var take func(address, file string)
	take = func(address, file string) {
		data := connectortest.Fetch(t, address)
		files["c/"+file] = &fstest.MapFile{Data: data}
		for _, m := range importing.FindAllSubmatch(data, -1) {
			next := strings.ReplaceAll(string(m[1]), "&amp;", "&")
			if known[next] || !strings.HasPrefix(next, p.address) { // what lies elsewhere is never fetched
				continue
			}
			known[next] = true
			file := "part" + strconv.Itoa(len(known)) + ".xml"
			catalog += fmt.Sprintf("    %q: %s\n", next, file)
			take(next, file)
		}
	}
	take(p.address+path+"?wsdl", "s.wsdl")
	text := "connector: peer\nversion: 1.0.0\nparams: { endpoint: { type: string } }\nsoap:\n  wsdl: s.wsdl\n  endpoint: ${param.endpoint}\n" +
		more
	if catalog != "" {
		text += "  catalog:\n" + catalog
	}
	text += "operations:\n"
	for _, o := range operations {
		text += "  " + o + "\n"
	}
	files["c/connector.yaml"] = &fstest.MapFile{Data: []byte(text)}
	var out diag.List
	c := connectors.Load(files, "c", connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
	for _, problem := range out.Sorted() {
		if !problem.Warning {
			t.Errorf("%s: %s %s", problem.Pos, problem.Message, problem.Hint)
		}
	}
	if c == nil || t.Failed() {
		t.FailNow()
	}
	return c
}

// notYet are exchanges that do not come out as they should, by the names of their tests, with what stands in the way.
var notYet = map[string]string{}

// exchange is a call of a peer: what goes there and what comes back, as it was sent if nothing else is said; or what the
// fault is: its kind, code and text, and the detail as JSON.
type exchange struct {
	name, operation, in, want string
}

// exchanges makes calls of one service of a peer.
func (p *peer) exchanges(t *testing.T, path, more string, list []exchange) {
	t.Helper()
	known := map[string]bool{}
	var operations []string
	for _, x := range list {
		if !known[x.operation] {
			known[x.operation] = true
			operations = append(operations, x.operation+": {}")
		}
	}
	c := p.connector(t, path, more, operations...)
	s := system(c, p.address+path)
	caller, err := Protocol.Open(t.Context(), s, connectors.Deps{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer caller.Close()
	for _, x := range list {
		t.Run(x.name, func(t *testing.T) {
			got, want := x.tried(t, c, caller), x.want
			if want == "" {
				want = x.in
			}
			why, known := notYet[t.Name()]
			switch equal := equalJSON(got, want); {
			case equal && known:
				t.Errorf("this is on the list of what does not work yet, and works")
			case known:
				t.Logf("not yet: %s; got %.400s", why, got)
			case !equal:
				t.Errorf("got  %.4000s\nwant %.4000s", got, want)
			}
		})
	}
}

// equalJSON compares what is said in JSON: the order of fields and the form of numbers say nothing.
func equalJSON(got, want string) bool {
	read := func(s string) (v any, err error) {
		d := json.NewDecoder(strings.NewReader(s[strings.IndexByte(s+"{", '{'):]))
		d.UseNumber()
		err = d.Decode(&v)
		return plain(v), err
	}
	a, err := read(got)
	b, wrong := read(want)
	if err != nil || wrong != nil {
		return got == want
	}
	before := func(s string) string { return s[:strings.IndexByte(s, '{')] }
	return before(got) == before(want) && reflect.DeepEqual(a, b)
}

// plain writes numbers in one form.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = plain(x)
		}
	case []any:
		for i, x := range v {
			v[i] = plain(x)
		}
	case json.Number:
		if r, ok := new(big.Rat).SetString(v.String()); ok {
			return json.Number(r.RatString())
		}
	}
	return v
}

// tried makes a call, and reports what came back.
func (x exchange) tried(t *testing.T, c *connectors.Connector, caller connectors.Caller) string {
	t.Helper()
	o := c.Operation(x.operation)
	in, err := codec.CompileJSON(o.Input, codec.JSONOptions{}).Decode([]byte(x.in))
	if err != nil {
		return "input: " + err.Error()
	}
	f, err := caller.Call(o, o.Output)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	out, err := f(ctx, in)
	if err != nil {
		return told(err)
	}
	return string(codec.AppendJSON(nil, out))
}

// told reports what the routes can know of a fault.
func told(err error) string {
	f := connectors.AsFault(err)
	if f == nil {
		return "error: " + err.Error()
	}
	soap, ok := f.Err.(*Fault)
	if !ok {
		return fmt.Sprintf("%s: %v", f.Kind, f.Err)
	}
	text := fmt.Sprintf("%s: %s %q", f.Kind, soap.Code, soap.Text)
	if !soap.Detail.IsAbsent() {
		text += " " + string(codec.AppendJSON(nil, soap.Detail))
	}
	return text
}
