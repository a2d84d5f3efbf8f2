package trigger

import (
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"fondaco/schema"
)

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// Problem is an answer that says what went wrong, as RFC 9457 has it. It is an error. Nothing in it, Err apart, repeats
// what the caller sent or names an address, but for what a route's own text and members say.
type Problem struct {
	Type       string // a URI; "" means about:blank
	Title      string // the same for every occurrence; "" means the status' own
	Status     int
	Detail     string
	Instance   string
	Errors     []Invalid     // which parts of the request are wrong
	Members    []byte        // further members of it, written as JSON, without the braces around them; nil for none
	Own        *Own          // what is answered in its place; nil for the problem itself
	RetryAfter time.Duration // for the header Retry-After; 0 for none
	Err        error         // the cause, for logs; never shown
}

// OutcomeUnknown are the members of a problem that says that the request may have taken effect, and is not to be sent again blindly.
const OutcomeUnknown = `"outcome":"unknown"`

// Own is a body of an own form that is answered in place of a problem.
type Own struct {
	ContentType string
	Body        []byte
}

// Invalid is one part of a request that does not fit: a place in the body or a parameter.
type Invalid struct {
	Pointer   string // of the body: a JSON Pointer as a URI fragment, "#/posizione/lat"
	Parameter string // of the path, query, header or cookie
	Detail    string // what was expected; never the value
}

// NewProblem returns a problem with the status' own title.
func NewProblem(status int, detail string) *Problem { return &Problem{Status: status, Detail: detail} }

// Error returns the problem for logs.
func (p *Problem) Error() string {
	s := strconv.Itoa(p.Status) + " " + p.title()
	if p.Detail != "" {
		s += ": " + Brief(p.Detail)
	}
	for _, e := range p.Errors {
		s += "; " + e.Pointer + e.Parameter + ": " + e.Detail
	}
	if p.Err != nil {
		s += ": " + p.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

func (p *Problem) title() string {
	if p.Title != "" {
		return p.Title
	}
	return http.StatusText(p.Status)
}

// maxDetail is how many bytes of a detail are shown: a sentence, and not what a caller or a system sent.
const maxDetail = 8 << 10

// Brief returns s, cut to what a person reads where it is longer.
func Brief(s string) string {
	if len(s) <= maxDetail {
		return s
	}
	end := maxDetail
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// AppendJSON appends the problem as application/problem+json. Long details are cut.
func (p *Problem) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":`...)
	if p.Type == "" {
		dst = append(dst, `"about:blank"`...)
	} else {
		dst = appendText(dst, p.Type)
	}
	dst = append(dst, `,"title":`...)
	dst = appendText(dst, p.title())
	dst = append(dst, `,"status":`...)
	dst = strconv.AppendInt(dst, int64(p.Status), 10)
	if p.Detail != "" {
		dst = append(dst, `,"detail":`...)
		dst = appendText(dst, Brief(p.Detail))
	}
	if p.Instance != "" {
		dst = append(dst, `,"instance":`...)
		dst = appendText(dst, p.Instance)
	}
	for i, e := range p.Errors {
		if i == 0 {
			dst = append(dst, `,"errors":[`...)
		} else {
			dst = append(dst, ',')
		}
		if e.Parameter != "" {
			dst = append(dst, `{"parameter":`...)
			dst = appendText(dst, e.Parameter)
		} else {
			dst = append(dst, `{"pointer":`...)
			dst = appendText(dst, e.Pointer)
		}
		dst = append(dst, `,"detail":`...)
		dst = appendText(dst, Brief(e.Detail))
		dst = append(dst, '}')
	}
	if len(p.Errors) > 0 {
		dst = append(dst, ']')
	}
	if len(p.Members) > 0 {
		dst = append(append(dst, ','), p.Members...)
	}
	return append(dst, '}')
}

// appendText appends s as a JSON string; problems are rare, so it is plain and not fast.
func appendText(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < 0x20 || r == 0x2028 || r == 0x2029:
			dst = append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

// ProblemSchema is the type of a Problem, for documents.
var ProblemSchema = problemSchema()

func problemSchema() *schema.Type {
	errors := schema.RecordType(
		schema.Field{Name: "pointer", Type: schema.TypeText, Doc: "The place in the body, a JSON Pointer as a URI fragment."},
		schema.Field{Name: "parameter", Type: schema.TypeText, Doc: "The parameter of path, query, header or cookie."},
		schema.Field{Name: "detail", Type: schema.TypeText, Required: true, Doc: "What was expected."},
	)
	uri := &schema.Type{Kind: schema.KindText, Format: "uri-reference"}
	t := schema.RecordType(
		schema.Field{Name: "type", Type: uri, Doc: "Identifies the kind of problem."},
		schema.Field{Name: "title", Type: schema.TypeText, Doc: "The kind of problem in words."},
		schema.Field{Name: "status", Type: &schema.Type{Kind: schema.KindInt, Format: "int32"}, Doc: "The HTTP status."},
		schema.Field{Name: "detail", Type: schema.TypeText, Doc: "What happened this time."},
		schema.Field{Name: "instance", Type: uri, Doc: "Identifies this occurrence."},
		schema.Field{Name: "errors", Type: schema.ListOf(errors), Doc: "Which parts of the request are wrong."},
		schema.Field{Name: "request_id", Type: schema.TypeText, Doc: "The id under which the logs know the request; the server adds it."},
	)
	t.Name = "Problem"
	t.Doc = "A problem, as RFC 9457 has it."
	return t
}
