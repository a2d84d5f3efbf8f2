package connectors

import (
	"io/fs"
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform"
)

// Connector is a reusable description of one kind of system, as connector.yaml declares it. It is not changed once it is
// read.
type Connector struct {
	Name, Version, Title, Description string
	Implements                        []config.Text // interfaces, as sanzioni@1
	Params                            []*Param
	Operations                        []*Operation // in the file's order
	Watches                           []*Watch     // likewise
	Protocol                          *Protocol
	Wire                              any    // what the protocol's Spec has read
	FS                                fs.FS  // the project
	Dir                               string // of the connector, in FS
	interfaced                        []*Interface
	Session                           *Session // nil if the system wants no log-in
	Samples                           string   // the folder of the samples, in FS; "" if there is none
	Unread                            bool     // a field of its own is unknown, or it says no protocol: what it seems to lack may stand there
	Partly                            bool     // likewise, a key below one of its own fields
	ForCaller                         bool     // calls are made with the token of whoever is answered
	Remembers                         bool     // served, it takes each message once, and needs a memory that outlives the program
	Pos                               diag.Pos

	// Zone is that in which the system writes moments without an offset; nil if nothing is said.
	Zone *schema.Zone

	proofs  []string        // headers and query parameters that prove who we are
	project fs.FS           // what FS notes the reading of; nil for FS itself
	reading *config.Reading // of FS; nil if it was not read by Load
	node    *config.Node    // of its own file, likewise

	constants *constants // of the project
}

// files is the project without a note of what is read of it for one system alone.
func (c *Connector) files() fs.FS {
	if c.project != nil {
		return c.project
	}
	return c.FS
}

// Param is a value that a system sets for its connector: an address, a name, a secret.
type Param struct {
	Name     string
	Doc      string
	Type     *schema.Type
	Secret   bool
	Required bool
	Default  string
	Pos      diag.Pos
}

// Operation is one thing that a system does.
type Operation struct {
	Name          string
	Title         string
	Input, Output *schema.Type // unknown if they could not be found out; a record and any type
	Effect        Effect
	Key           bool // callers send an idempotency key that the system honours: even Once may be retried
	Fails         []*Fail
	ForCaller     bool          // calls are made with the caller's token, and answers are that caller's alone
	Inquire       *Inquiry      // how the system is asked what became of a call; nil if it cannot be
	Personal      []config.Text // names of fields that are personal, at any depth of input and output
	Error         *schema.Type  // of answers whose status is a failure, for fails and faults; nil if it is not known
	Octets        string        // the media type of an answer that is octets as they are, which can be handed on; "" for others
	Uploads       string        // the media type of a body that can be sent on as it comes: octets, or parts; "" for others
	UploadForm    *UploadForm   // what parts such a body has, nil for octets
	FaultDetail   *schema.Type  // of a SOAP fault's detail, for fails; nil if there is none
	SaysFaults    bool          // its faults are told to routes as they are for rules, as a SOAP fault is
	Wire          any           // what the protocol's OperationSpec has read
	Pos           diag.Pos
	Unread        bool // a field of it is unknown: what it seems to lack may stand there

	Of    config.Text       // another operation of the connector, that does it; "" for one of the system's own
	With  transform.Mapping // what that one is sent, over input and param
	Gives transform.Mapping // what its answer becomes, over answer, input and param; zero for the answer as it is

	of        *Operation
	adapted   *adaptation
	constants *constants
	params    *schema.Type // what its rules read as param; nil if the connector has none that is no secret
	givesSize int
	offers    *InterfaceOperation // what an interface says of it, nil for none

	full     *schema.Type // the input with the session's ticket; nil if it carries none
	whole    *schema.Type // the output before fails narrowed it; nil if they did not
	narrowed [][]string   // the paths that fails narrowed
}

// Blind reports whether a call of the operation that is sent twice has two effects: its effect is once, and its system knows
// no key.
func (op *Operation) Blind() bool { return op.Effect == Once && !op.Key }

// Prove notes a header or query parameter by which a protocol proves who we are: its values are shown to nobody.
func (c *Connector) Prove(name string) {
	if !slices.Contains(c.proofs, name) {
		c.proofs = append(c.proofs, name)
	}
}

// Proofs lists what Prove has noted.
func (c *Connector) Proofs() []string { return c.proofs }

// Operation finds an operation by its name, nil if there is none.
func (c *Connector) Operation(name string) *Operation {
	for _, op := range c.Operations {
		if op.Name == name {
			return op
		}
	}
	return nil
}

// Param finds a parameter by its name, nil if there is none.
func (c *Connector) Param(name string) *Param {
	for _, p := range c.Params {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// OperationNames lists the operations.
func (c *Connector) OperationNames() []string {
	names := make([]string, len(c.Operations))
	for i, op := range c.Operations {
		names[i] = op.Name
	}
	return names
}

// locates reports whether a parameter says where a system is.
func (c *Connector) locates(param string) bool {
	if c.Protocol == nil || c.Protocol.Addresses == nil {
		return false
	}
	for _, r := range c.Protocol.Addresses(c) {
		for _, n := range r.Names() {
			if n.Space == "param" && n.Name == param {
				return true
			}
		}
	}
	return false
}
