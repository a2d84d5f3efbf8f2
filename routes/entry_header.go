package routes

import (
	"net/http"
	"net/url"
	"strings"

	"fondaco/routes/trigger"
	"fondaco/schema"
)

// maxHeader is how many bytes a field of an answer's head may have.
const maxHeader = 16 << 10

// headerText returns a text as a field of the answer's head has it. Characters that no field can have, as line ends, are
// percent-encoded where the field is an address (RFC 3986 §2.1); elsewhere they are the caller's mistake if the caller
// sent them, and ours otherwise. The error is a *trigger.Problem.
func (e *entry) headerText(x *Exchange, name, text string) (string, error) {
	if strings.ContainsFunc(text, control) {
		switch http.CanonicalHeaderKey(name) {
		case "Location", "Content-Location":
			text = encodeControls(text)
		default:
			problem := &trigger.Problem{Status: 500, Detail: "The header " + name + " cannot be written."}
			if e.sentControls(x) {
				problem = trigger.NewProblem(400, "A value of this request has a line end or another control character, and is to stand in the header "+
					name+" of the answer, which can have none.")
			}
			return "", problem
		}
	}
	if len(text) > maxHeader {
		return "", &trigger.Problem{Status: 500, Detail: "The header " + name + " cannot be written."}
	}
	return text, nil
}

// control reports whether a character is one that no field of a head can have (RFC 9110 §5.5).
func control(r rune) bool { return r < ' ' || r == 0x7f }

// encodeControls percent-encodes the control characters of an address.
func encodeControls(text string) string {
	var b strings.Builder
	for _, r := range text {
		if control(r) {
			b.WriteString(url.PathEscape(string(r)))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// sentControls reports whether a text of the request has a control character.
func (e *entry) sentControls(x *Exchange) bool {
	for _, slot := range append(e.slots[:], e.bodySlot, e.userSlot) {
		if slot >= 0 && hasControl(x.Frame.Slots[slot]) {
			return true
		}
	}
	return false
}

// hasControl reports whether a text in a value has a control character.
func hasControl(v schema.Value) bool {
	switch v.Kind() {
	case schema.KindText:
		return strings.ContainsFunc(v.Str(), control)
	case schema.KindMap:
		for i, key := range v.Map().Keys {
			if strings.ContainsFunc(key, control) || hasControl(v.Map().Values[i]) {
				return true
			}
		}
	}
	for _, item := range append(v.Items(), v.Fields()...) {
		if hasControl(item) {
			return true
		}
	}
	return false
}
