package rest

import (
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/scaffold"
	"fondaco/openapi"
	"fondaco/schema"
)

// Importer makes connectors out of OpenAPI documents.
var Importer = &scaffold.Importer{Name: "openapi", Title: "an OpenAPI document (3.0, 3.1 or Swagger 2)", Read: readImport}

// readImport reads a document for a connector to be made of it. Operations that are not supported are left out, with the
// reason.
func readImport(fsys fs.FS, file string, o scaffold.Options, out *diag.List) *scaffold.Import {
	at := diag.Pos{File: file}
	src, ok := config.ReadBytes(fsys, file, maxDocument, out, at)
	if !ok {
		return nil
	}
	doc := openapi.ReadClient(src, file, nil, out, at)
	if doc == nil {
		return nil
	}
	x := &scaffold.Import{Protocol: Protocol.Name, File: file, Service: doc.Info.Title, Title: doc.Info.Title}
	if x.Service == "" {
		x.Service = strings.TrimSuffix(path.Base(file), path.Ext(file))
	}
	x.Sources = []scaffold.Source{{From: file, To: path.Base(file)}}
	wanted, ok := choose(doc, o.Operations, at, out)
	if !ok {
		return nil
	}
	taken := map[string]bool{}
	for _, d := range wanted {
		operation, refused := imported(d, doc, taken)
		if refused != "" {
			x.Unreadable = append(x.Unreadable, lineOf(d)+": "+refused)
			continue
		}
		x.Operations = append(x.Operations, operation)
	}
	access(x, doc, wanted)
	return x
}

// lineOf is how an operation without an id is named.
func lineOf(o *openapi.Operation) string { return o.Method + " " + o.Path }

// choose returns the operations that are wanted, all if none is named. One that is not there is reported.
func choose(doc *openapi.Document, names []string, at diag.Pos, out *diag.List) (list []*openapi.Operation, ok bool) {
	if len(names) == 0 {
		for i := range doc.Operations {
			list = append(list, &doc.Operations[i])
		}
		return list, true
	}
	ok = true
	for _, name := range names {
		known := namesOf(doc, strings.Contains(name, " "))
		o := doc.Operation(name)
		if o == nil {
			o = doc.At(name)
		}
		if o == nil {
			nearest(out.Report(diag.UnknownOperation, at, "the OpenAPI document has no operation %q", name), name, known)
			ok = false
			continue
		}
		if !slices.Contains(list, o) {
			list = append(list, o)
		}
	}
	return list, ok
}

// namesOf lists how the operations of a document are named: by their ids, and by their lines where they have none, or all if lines is true.
func namesOf(doc *openapi.Document, lines bool) (known []string) {
	for i := range doc.Operations {
		if o := &doc.Operations[i]; lines || o.ID == "" {
			known = append(known, lineOf(o))
		} else {
			known = append(known, o.ID)
		}
	}
	return known
}

// maxListed is how many names are listed where none is near.
const maxListed = 10

// nearest adds the nearest of the names that there are to a problem with one that is not there, whatever its capitals; where none is near,
// the first of them.
func nearest(problem *diag.Problem, name string, known []string) {
	for _, k := range known {
		if strings.EqualFold(k, name) {
			problem.WithHint("did you mean %q?", k)
			return
		}
	}
	if problem.WithNearest(name, known); problem.Hint != "" || len(known) == 0 {
		return
	}
	if more := len(known) - maxListed; more > 0 {
		problem.WithHint("it has %s and %d more", strings.Join(known[:maxListed], ", "), more)
		return
	}
	problem.WithHint("it has %s", strings.Join(known, ", "))
}

// imported returns an operation with a sample, or why it is not supported.
func imported(o *openapi.Operation, doc *openapi.Document, taken map[string]bool) (x *scaffold.Operation, refused string) {
	wire := o.ID
	if wire == "" || doc.Operation(wire) != o {
		wire = lineOf(o)
	}
	name := scaffold.PlainName(o.ID)
	if o.ID == "" {
		name = pathName(o)
	}
	for base, n := name, 2; taken[name]; n++ {
		name = fmt.Sprint(base, n)
	}
	p := &op{operation: config.Text{Value: wire, Pos: o.Pos}}
	operation := connectors.Operation{Name: name, Pos: o.Pos, Wire: p}
	x = &scaffold.Operation{Guess: "method"}
	operation.Effect = effectOf(o.Method)
	if o.Method == http.MethodPost {
		operation.Effect, x.Guess = scaffold.GuessEffect(name), "name"
	}
	if !slices.Contains(methods, strings.ToLower(o.Method)) {
		return nil, "the method " + o.Method + " is not supported"
	}
	var wrong diag.List
	if p.described(&operation, doc, nil, &wrong); wrong.Failed() || operation.Input == nil || operation.Output == nil {
		for problem := range wrong.All() {
			if !problem.Warning {
				return nil, strings.TrimPrefix(problem.Message, name+": ")
			}
		}
		return nil, "its types cannot be read"
	}
	taken[name] = true
	if x.Operation = operation; wire != name {
		x.Wire = wire
	}
	if x.Silent = operation.Output.Kind == schema.KindNull; !x.Silent {
		if v, err := schema.Sample(operation.Output, schema.Every); err == nil {
			x.Sample = v
		}
	}
	return x, ""
}

var wordsOfPath = regexp.MustCompile(`[A-Za-z0-9]+`)

// pathName makes a name of the method and path of an operation without an id: get_multe_numero.
func pathName(o *openapi.Operation) string {
	return scaffold.PlainName(strings.Join(append([]string{strings.ToLower(o.Method)}, wordsOfPath.FindAllString(o.Path, -1)...), "_"))
}

// effectOf guesses an operation's effect by what its method means (RFC 9110 §9.2).
func effectOf(method string) connectors.Effect {
	switch method {
	case http.MethodGet, http.MethodHead:
		return connectors.Read
	case http.MethodPut, http.MethodDelete:
		return connectors.Idempotent
	}
	return connectors.Once
}

// access adds how the system is reached: its address, and what most of the operations ask for.
func access(x *scaffold.Import, doc *openapi.Document, wanted []*openapi.Operation) {
	note := ""
	if len(doc.Info.Servers) > 0 {
		note = "in the document: " + doc.Info.Servers[0].URL
	}
	x.Params = []scaffold.Param{{Name: "endpoint", Format: "uri", Comment: note}}
	x.Fields = []string{"openapi: " + quoted(x.Sources[0].To), "endpoint: ${param.endpoint}"}
	asked := map[string]int{}
	most := ""
	for _, o := range wanted {
		if len(o.Security) == 0 {
			continue
		}
		for _, use := range o.Security[0] {
			if asked[use.Scheme]++; most == "" || asked[use.Scheme] > asked[most] {
				most = use.Scheme
			}
		}
	}
	at := slices.IndexFunc(doc.Info.Schemes, func(s openapi.Scheme) bool { return s.Name == most })
	if at < 0 {
		return
	}
	s := doc.Info.Schemes[at]
	flow := slices.IndexFunc(s.Flows, func(f openapi.Flow) bool { return f.Kind == "clientCredentials" })
	switch {
	case s.Type == "http" && s.HTTP == "basic":
		x.Params = append(x.Params, scaffold.Param{Name: "username"}, scaffold.Param{Name: "password", Secret: true})
		x.Fields = append(x.Fields, `auth: { basic: { username: "${param.username}", password: "${param.password}" } }`)
	case s.Type == "http" && s.HTTP == "bearer":
		x.Params = append(x.Params, scaffold.Param{Name: "token", Secret: true})
		x.Fields = append(x.Fields, `auth: { bearer: "${param.token}" }`)
	case s.Type == "http" && s.HTTP == "digest":
		x.Params = append(x.Params, scaffold.Param{Name: "username"}, scaffold.Param{Name: "password", Secret: true})
		x.Fields = append(x.Fields, `auth: { digest: { username: "${param.username}", password: "${param.password}" } }`)
	case s.Type == "apiKey" && (s.In == "header" || s.In == "query" || s.In == "cookie"):
		x.Params = append(x.Params, scaffold.Param{Name: "api_key", Secret: true})
		x.Fields = append(x.Fields, `auth: { api_key: { `+s.In+`: `+quoted(s.Key)+`, value: "${param.api_key}" } }`)
	case s.Type == "oauth2" && flow >= 0:
		x.Params = append(x.Params, scaffold.Param{Name: "token_url", Format: "uri", Default: absolute(s.Flows[flow].TokenURL)},
			scaffold.Param{Name: "client_id"}, scaffold.Param{Name: "client_secret", Secret: true})
		x.Fields = append(x.Fields, `auth: { oauth2: { token_url: "${param.token_url}", client_id: "${param.client_id}",`,
			`                  client_secret: "${param.client_secret}" } } # review: scopes`)
	default:
		x.Fields = append(x.Fields, "# review: the document asks for "+quoted(s.Name)+" ("+strings.TrimSpace(s.Type+" "+s.In+s.HTTP)+
			"), which cannot be made here")
	}
}

// absolute returns an address, "" if it is no whole one.
func absolute(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return address
	}
	return ""
}

var plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)

// quoted returns a text as YAML, in quotes where it needs them.
func quoted(s string) string {
	if plainText.MatchString(s) {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ").Replace(s) + `"`
}
