package scaffold

import (
	"io/fs"
	"strings"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
)

// Importer makes a connector out of a description that a vendor publishes.
type Importer struct {
	Name  string // the word of "fondaco import", as wsdl
	Title string
	Ports bool // Options.Service and Port choose among what a description has; otherwise Options.Operations does
	// Read reads a description in fsys and all that it imports: offline, and without changing anything. What is wrong goes
	// to out. Nil if nothing can be made of it.
	Read func(fsys fs.FS, file string, o Options, out *diag.List) *Import
}

// Options say what of a description is wanted; empty is the first port, and all operations.
type Options struct {
	Service, Port string
	Operations    []string // all, if empty
}

// Import is what a connector is to be made of.
type Import struct {
	Protocol string // the key in connector.yaml
	File     string // that was read
	Service  string // the description's own name of it
	Title    string // "" if it says none
	Choices  []string
	Sources  []Source // the files that the connector needs
	Params   []Param
	// Fields are the lines under the protocol's key, but for those of Sources.
	Fields     []string
	Operations []*Operation
	Missing    []MissingSource
	Unreadable []string // operations that are left out, since they are not supported or their types cannot be read
}

// Source is a file that is copied into the connector.
type Source struct{ From, To string }

// Param is a parameter of the connector.
type Param struct {
	Name, Default, Format string
	Doc, Comment          string
	Secret                bool
}

// Operation is an operation of a description, with its types.
type Operation struct {
	connectors.Operation
	Wire   string       // its name in the description; "" if it is Name
	Guess  string       // what its effect is guessed from; "" for its name
	Sample schema.Value // an answer that fits, absent if none could be made
	Silent bool         // it has no answer
	Faults []string     // that it declares
}

// MissingSource is an address that a description imports and that no file stands for.
type MissingSource struct{ Address, Space, In string }

// PlainName returns a name with what operations may not be called left out.
func PlainName(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_', i > 0 && (r >= '0' && r <= '9' || r == '-' || r == '.'):
			b.WriteRune(r)
		case r < 0x80:
			b.WriteByte('_')
		}
	}
	if name := b.String(); name != "" && len(name) <= 100 {
		return name
	}
	return "operation"
}
