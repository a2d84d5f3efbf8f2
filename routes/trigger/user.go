package trigger

import (
	"slices"
	"strings"

	"fondaco/schema"
)

// UserType is the type of the values of the name user: who calls. What a token does not say is absent. The server builds
// the values; a route sees them under UserWith.
var UserType = schema.RecordType(
	schema.Field{Name: "subject", Type: schema.TypeText.AsPersonal(), Required: true, Doc: "Who the token speaks of."},
	schema.Field{Name: "fiscal_code", Type: schema.TypeText.AsPersonal(), Doc: "Codice fiscale, without the prefix TINIT-."},
	schema.Field{Name: "level", Type: schema.TypeInt, Doc: "How surely the person was identified: 1, 2 or 3."},
	schema.Field{Name: "channel", Type: schema.TypeText, Doc: "Where the person comes from, as web or app."},
	schema.Field{Name: "roles", Type: schema.ListOf(schema.TypeText), Doc: "What the person may act as."},
)

// UserWith returns UserType with these fields required: where a route may rely on them. Values of UserType lie alike.
func UserWith(required ...string) *schema.Type {
	fields := slices.Clone(UserType.Fields)
	for i := range fields {
		fields[i].Required = slices.Contains(required, fields[i].Name)
	}
	return schema.RecordType(fields...)
}

// Unsaid returns the problem of a caller whose token does not say what an operation needs. field is one of UserType.
func Unsaid(field string) *Problem {
	return &Problem{Status: 403, Detail: UnsaidDetail(field)}
}

// UnsaidDetail returns the words of Unsaid.
func UnsaidDetail(field string) string {
	return "The token does not say the caller's " + field + ", which this operation needs."
}

// WithoutBlanks returns a caller whose blank texts are absent. Callers kept before absent claims were told apart have an
// empty text in their place.
func WithoutBlanks(user schema.Value) schema.Value {
	if user.Kind() != schema.KindRecord || !slices.ContainsFunc(user.Fields(), blank) {
		return user
	}
	slots := schema.Slots(user.Type())
	for i, v := range user.Fields() {
		if !blank(v) {
			slots[i+1] = v
		}
	}
	return schema.Record(user.Type(), slots)
}

func blank(v schema.Value) bool {
	return v.Kind() == schema.KindText && strings.TrimSpace(v.Str()) == ""
}
