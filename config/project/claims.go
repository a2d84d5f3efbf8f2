package project

import (
	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Claims says of which claims of a token user is made.
type Claims struct{ Subject, FiscalCode, Level, Channel, Roles Claim }

// Claim is one of them.
type Claim struct {
	Name     string // a dot leads into an object
	Required Requirement
}

// Requirement says whether a token must have a claim.
type Requirement uint8

// The zero Requirement is what holds if the project does not say.
const (
	Usual    Requirement = iota // the subject always, the fiscal code where a route reads it, the others never
	Required                    // on every route of the scheme
	Optional                    // nowhere
)

func usualClaims() Claims {
	return Claims{
		Subject: Claim{Name: "sub"}, FiscalCode: Claim{Name: "fiscal_number"}, Level: Claim{Name: "acr"},
		Channel: Claim{Name: "channel"}, Roles: Claim{Name: "roles"},
	}
}

// Required lists the fields of user that every token of the scheme must tell, the subject among them.
func (c *Claims) Required() []string {
	fields := []string{"subject"}
	for _, f := range c.fields() {
		if f.claim.Required == Required && f.name != "subject" {
			fields = append(fields, f.name)
		}
	}
	return fields
}

// Of returns the claim of a field of user; nil if there is no such field.
func (c *Claims) Of(field string) *Claim {
	for _, f := range c.fields() {
		if f.name == field {
			return f.claim
		}
	}
	return nil
}

type claimField struct {
	name, doc string
	claim     *Claim
}

func (c *Claims) fields() []claimField {
	return []claimField{
		{"subject", "The claim of user.subject. Every token has it.", &c.Subject},
		{"fiscal_code", "The claim of user.fiscal_code; TINIT- before it is left out. Unless required says otherwise, a token must have it on " +
			"routes that read it.", &c.FiscalCode},
		{"level", "The claim of user.level, translated by levels.", &c.Level},
		{"channel", "The claim of user.channel.", &c.Channel},
		{"roles", "The claim of user.roles.", &c.Roles},
	}
}

func (c *Claims) spec(o *spec.Object) {
	for _, f := range c.fields() {
		o.Alternative(f.name, spec.String(&f.claim.Name), claimChoice(f)).Default(f.claim.Name).Doc(f.doc)
	}
}

// claimChoice is the long form of a claim.
func claimChoice(f claimField) spec.Choice {
	return spec.Of(func(o *spec.Object) {
		o.String("claim", &f.claim.Name).Default(f.claim.Name).Doc("The name of the claim; a dot leads into an object.")
		o.Var("required", requirement{f}).Doc("Whether every token must have it: a caller whose token has not is answered 403. Where it may " +
			"be absent the type of the field of user says so.")
	})
}

// requirement reads required.
type requirement struct{ of claimField }

// Decode reads a boolean.
func (r requirement) Decode(n *config.Node, out *diag.List) {
	required, ok := n.Bool()
	switch {
	case !ok:
		n.Report(out, diag.WrongType, "required: found %s, expected true or false", n.Found())
	case required:
		r.of.claim.Required = Required
	case r.of.name == "subject":
		n.Report(out, diag.BadValue, "required: found false, expected true: a token without a subject identifies nobody").WithHint("leave it out")
	default:
		r.of.claim.Required = Optional
	}
}

// Schema is that of a boolean.
func (r requirement) Schema() spec.Schema { return spec.Schema{"type": "boolean"} }
