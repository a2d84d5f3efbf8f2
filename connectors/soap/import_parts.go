package soap

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/scaffold"
)

// connector returns all operations of a port as a connector's.
func (d *definitions) connector(fsys fs.FS, file string, o scaffold.Options, p *port) *connectors.Connector {
	c := &connectors.Connector{FS: fsys, Dir: "."}
	at := diag.Pos{File: file}
	c.Wire = &wire{wsdl: config.Text{Value: file, Pos: at}, service: config.Text{Value: o.Service}, port: config.Text{Value: o.Port}}
	taken := map[string]bool{}
	for _, b := range d.operations(p) {
		name := scaffold.PlainName(b.id)
		if _, input, overloaded := strings.Cut(b.id, "("); overloaded {
			name = scaffold.PlainName(strings.TrimSuffix(input, ")"))
		}
		for base, n := name, 2; taken[name]; n++ {
			name = base + itoa(n)
		}
		taken[name] = true
		c.Operations = append(c.Operations, &connectors.Operation{
			Name: name, Effect: scaffold.GuessEffect(b.name), Pos: b.binding.pos,
			Wire: &op{operation: config.Text{Value: b.id, Pos: b.binding.pos}},
		})
	}
	return c
}

// imported returns an operation with a sample.
func imported(operation *connectors.Operation, version string) *scaffold.Operation {
	p, _ := operation.Wire.(*op)
	x := &scaffold.Operation{Operation: *operation}
	if p.operation.Value != operation.Name {
		x.Wire = p.operation.Value
	}
	for _, f := range p.faults {
		x.Faults = append(x.Faults, f.name.local)
	}
	if p.out.none {
		x.Silent = true
		return x
	}
	if v, ok := sampleOf(p.out, version); ok {
		x.Sample = v
	}
	return x
}

// sources lists the files that the WSDL is made of, and the addresses that no file stands for. Files keep their places
// to each other.
func (d *definitions) sources(x *scaffold.Import, fsys fs.FS, file string) (roots []*element, wsdl string) {
	var files []string
	for f := range d.schemas.opened {
		files = append(files, f)
	}
	slices.Sort(files)
	base := path.Dir(file)
	within := func(dir string) {
		for base != "." && dir != base && !strings.HasPrefix(dir, base+"/") {
			base = path.Dir(base)
		}
	}
	var quiet diag.List
	told := map[string]bool{}
	for _, f := range files {
		within(path.Dir(f))
		data, ok := config.ReadBytes(fsys, f, maxDocuments, &quiet, diag.Pos{})
		if !ok {
			continue
		}
		root := readDOM(f, data, &quiet)
		if root == nil {
			continue
		}
		roots = append(roots, root)
		root.walk(func(e *element) {
			attribute := "schemaLocation"
			if e.space == wsdlSpace {
				attribute = "location"
			}
			if e.local != "import" && e.local != "include" && e.local != "redefine" {
				return
			}
			space := e.attr("namespace")
			address, remote, ok := d.schemas.location(e, attribute)
			switch {
			case !ok:
			case !remote:
				if up, found := strings.CutSuffix("/"+address, "/"+e.attr(attribute)); found {
					within(path.Join(".", "."+up)) // it was found from a folder above, which has to be above in the copy too
				}
			case !known[space] && !d.schemas.spaces[space] && !told[address]:
				told[address] = true
				x.Missing = append(x.Missing, scaffold.MissingSource{Address: address, Space: space, In: f})
			}
		})
	}
	to := func(f string) string { return path.Join(importFolder, strings.TrimPrefix(f, base+"/")) }
	for _, f := range files {
		x.Sources = append(x.Sources, scaffold.Source{From: f, To: to(f)})
	}
	return roots, to(file)
}

// walk visits an element and all that is in it.
func (e *element) walk(visit func(*element)) {
	visit(e)
	for _, k := range e.kids {
		k.walk(visit)
	}
}

// documentation returns what the WSDL says of a port's service in words.
func (d *definitions) documentation(p *port) string {
	for _, s := range d.services {
		if s.attr("name") != p.service {
			continue
		}
		if x := s.first(wsdlSpace, "documentation"); x != nil {
			return strings.Join(strings.Fields(x.text), " ")
		}
	}
	return ""
}

// asked is what a WSDL's policies ask for (WS-SecurityPolicy).
type asked struct{ user, digest, timestamp, basic, signature bool }

// policies reads what the policies in the documents ask for.
func policies(roots []*element) (a asked) {
	for _, root := range roots {
		root.walk(func(e *element) {
			if space := strings.ToLower(e.space); !strings.Contains(space, "policy") {
				return
			}
			switch e.local {
			case "UsernameToken":
				a.user = true
			case "HashPassword":
				a.digest = true
			case "IncludeTimestamp":
				a.timestamp = true
			case "HttpBasicAuthentication", "BasicAuthentication":
				a.basic = true
			case "X509Token", "AsymmetricBinding", "SignedParts":
				a.signature = true
			}
		})
	}
	return a
}

// access writes the protocol's lines and the parameters.
func access(x *scaffold.Import, p *port, o scaffold.Options, wsdl string, a asked) {
	note := ""
	if p.address != "" {
		note = "in the WSDL: " + p.address
	}
	x.Params = []scaffold.Param{{Name: "endpoint", Format: "uri", Comment: note}}
	x.Fields = []string{"wsdl: " + quoted(wsdl)}
	if o.Service != "" {
		x.Fields = append(x.Fields, "service: "+quoted(o.Service))
	}
	if o.Port != "" {
		x.Fields = append(x.Fields, "port: "+quoted(o.Port))
	}
	x.Fields = append(x.Fields, "endpoint: ${param.endpoint}")
	if a.user || a.basic {
		x.Params = append(x.Params, scaffold.Param{Name: "username"}, scaffold.Param{Name: "password", Secret: true})
	}
	who := `{ username: "${param.username}", password: "${param.password}" }`
	switch {
	case a.user && a.digest:
		x.Fields = append(x.Fields, `username_token: { username: "${param.username}", password: "${param.password}", digest: true } # its policy asks for it`)
	case a.user:
		x.Fields = append(x.Fields, "username_token: "+who+" # its policy asks for it")
	case a.basic:
		x.Fields = append(x.Fields, "auth: { basic: "+who+" } # its policy asks for it")
	}
	if a.timestamp {
		x.Fields = append(x.Fields, "timestamp: true # its policy asks for it")
	}
	if a.signature {
		x.Fields = append(x.Fields, "# review: its policy asks for signatures with certificates (X.509)")
	}
}

var plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)

// quoted returns a text as YAML, in quotes where it needs them.
func quoted(s string) string {
	if plainText.MatchString(s) {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
