package soap

import (
	"io/fs"
	"path"
	"regexp"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/scaffold"
	"fondaco/connectors/soap/wsdl"
)

// imagined returns all operations of a port as a connector's.
func imagined(d *wsdl.Definitions, fsys fs.FS, file string, o scaffold.Options, p *wsdl.Port) *connectors.Connector {
	c := &connectors.Connector{FS: fsys, Dir: "."}
	at := diag.Pos{File: file}
	c.Wire = &wire{wsdl: config.Text{Value: file, Pos: at}, service: config.Text{Value: o.Service}, port: config.Text{Value: o.Port}}
	taken := map[string]bool{}
	for _, b := range d.Operations(p) {
		name := scaffold.PlainName(b.ID)
		if _, input, overloaded := strings.Cut(b.ID, "("); overloaded {
			name = scaffold.PlainName(strings.TrimSuffix(input, ")"))
		}
		for base, n := name, 2; taken[name]; n++ {
			name = base + itoa(n)
		}
		taken[name] = true
		c.Operations = append(c.Operations, &connectors.Operation{
			Name: name, Effect: scaffold.GuessEffect(b.Name), Pos: b.Pos,
			Wire: &op{operation: config.Text{Value: b.ID, Pos: b.Pos}},
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
		x.Faults = append(x.Faults, f.Name.Local)
	}
	if p.out.Empty {
		x.Silent = true
		return x
	}
	if v, ok := sampleOf(p.out, version); ok {
		x.Sample = v
	}
	return x
}

// sources lists the files that the WSDL is made of as the connector keeps them, and the addresses that no file stands for; main is
// the WSDL's own. Files keep their places to each other.
func sources(x *scaffold.Import, s *wsdl.Sources) (main string) {
	to := func(f string) string { return path.Join(importFolder, strings.TrimPrefix(f, s.Base+"/")) }
	for _, f := range s.Files {
		x.Sources = append(x.Sources, scaffold.Source{From: f, To: to(f)})
	}
	for _, m := range s.Missing {
		x.Missing = append(x.Missing, scaffold.MissingSource{Address: m.Address, Space: m.Space, In: m.File})
	}
	return to(s.File)
}

// access writes the protocol's lines and the parameters.
func access(x *scaffold.Import, p *wsdl.Port, o scaffold.Options, main string, a wsdl.Policies) {
	note := ""
	if p.Address != "" {
		note = "in the WSDL: " + p.Address
	}
	x.Params = []scaffold.Param{{Name: "endpoint", Format: "uri", Comment: note}}
	x.Fields = []string{"wsdl: " + quoted(main)}
	if o.Service != "" {
		x.Fields = append(x.Fields, "service: "+quoted(o.Service))
	}
	if o.Port != "" {
		x.Fields = append(x.Fields, "port: "+quoted(o.Port))
	}
	x.Fields = append(x.Fields, "endpoint: ${param.endpoint}")
	if a.User || a.Basic {
		x.Params = append(x.Params, scaffold.Param{Name: "username"}, scaffold.Param{Name: "password", Secret: true})
	}
	who := `{ username: "${param.username}", password: "${param.password}" }`
	switch {
	case a.User && a.Digest:
		x.Fields = append(x.Fields, `username_token: { username: "${param.username}", password: "${param.password}", `+
			`digest: true } # its policy asks for it`)
	case a.User:
		x.Fields = append(x.Fields, "username_token: "+who+" # its policy asks for it")
	case a.Basic:
		x.Fields = append(x.Fields, "auth: { basic: "+who+" } # its policy asks for it")
	}
	if a.Timestamp {
		x.Fields = append(x.Fields, "timestamp: true # its policy asks for it")
	}
	if a.Signature {
		x.Fields = append(x.Fields, "# review: its policy asks for signatures with certificates (X.509)")
	}
	switch {
	case a.Addressing:
		x.Fields = append(x.Fields, "addressing: true # its policy asks for it")
	case a.MayAddress:
		x.Fields = append(x.Fields, "# addressing: true # its policy admits it")
	}
	if a.TLS && !strings.HasPrefix(p.Address, "https:") {
		x.Fields = append(x.Fields, "# review: its policy asks for TLS: the endpoint begins with https")
	}
	if len(a.Unread) > 0 {
		x.Fields = append(x.Fields, "# review: of its policy is not supported: "+strings.Join(a.Unread, ", "))
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
