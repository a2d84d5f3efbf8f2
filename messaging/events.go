package messaging

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The names of headers in the binary mode of CloudEvents' Kafka protocol binding 1.0.2.
const (
	prefix      = "ce_"
	contentType = "content-type"
	version     = "1.0"
)

// Headers returns m's headers on the wire: ce_id, ce_specversion, ce_type, ce_source, ce_time and those of subject,
// partitionkey, content-type, the extensions that m has, these ordered by name, its replay, and what stands beside. Attempt,
// Due and Place are no headers: the broker keeps them where nobody outside can set them. m has passed Check.
func (m Message) Headers() []Attribute {
	hs := make([]Attribute, 0, 8+len(m.Extensions))
	hs = append(hs,
		Attribute{"ce_id", m.ID}, Attribute{"ce_specversion", version},
		Attribute{"ce_type", m.Type}, Attribute{"ce_source", m.Source})
	if !m.Time.IsZero() {
		hs = append(hs, Attribute{"ce_time", m.Time.Format(time.RFC3339Nano)})
	}
	for _, a := range []Attribute{{"ce_subject", m.Subject}, {"ce_partitionkey", m.Key}, {contentType, m.ContentType}} {
		if a.Value != "" {
			hs = append(hs, a)
		}
	}
	first := len(hs)
	for _, e := range m.Extensions {
		hs = append(hs, Attribute{prefix + e.Name, e.Value})
	}
	slices.SortFunc(hs[first:], byName)
	if m.Replay != (Replay{}) {
		hs = append(hs, Attribute{ReplayHeader, m.Replay.String()})
	}
	for _, h := range m.Beside {
		hs = append(hs, Attribute{besidePrefix + h.Name, h.Value})
	}
	return hs
}

// sized is how many bytes of a header count for MaxHeaders.
func sized(h Attribute) int {
	if h.Name == prefix+ExtensionMarks && len(h.Value) <= MaxMarks {
		return len(h.Name)
	}
	return len(h.Name) + len(h.Value)
}

func byName(a, b Attribute) int { return cmp.Compare(a.Name, b.Name) }

// Read makes a message of headers and body, in binary mode or, as the content type says, in structured mode. A batch is not
// supported. It never fails: of what is not a CloudEvent it returns what there is, and the
// flaw that makes it a dead letter. Headers other than CloudEvents' are passed over, whatever they claim; only
// traceparent and tracestate are taken where ce_traceparent and ce_tracestate are absent. A time that is invalid, or lies
// before 1970 or over a day after arrived, becomes arrived. A key that a broker carries beside the headers is given to
// Read as the header ce_partitionkey.
func Read(headers []Attribute, body []byte, arrived time.Time) (Message, *Flaw) {
	r := &reader{Message: Message{Body: body}, seen: make([]string, 0, 16)}
	for _, h := range headers {
		if !r.header(h) {
			break
		}
	}
	structured := Structured(r.ContentType)
	if structured && r.flaw == nil {
		switch err := readStructured(&r.Message); {
		case err != nil && r.found > 1: // its attributes are headers, whatever the content type says
			structured = false
		case err != nil:
			r.fault(StructuredMode, "%s", err.Error())
		}
	}
	for _, t := range r.trace {
		if r.Extension(t.Name) == "" && plain(t.Value) && len(t.Value) <= 512 {
			r.Extensions = append(r.Extensions, t)
		}
	}
	slices.SortFunc(r.Extensions, byName)
	if r.Time.Before(time.Unix(0, 0)) || r.Time.After(arrived.Add(24*time.Hour)) {
		r.Time = arrived
	}
	if !structured {
		r.complete()
	}
	return r.Message, r.flaw
}

// reader is the reading of an event from the headers of a record.
type reader struct {
	Message
	flaw        *Flaw // the first one
	found, size int   // the headers of the event: how many, and their bytes with the content type's
	specversion string
	trace       []Attribute
	seen        []string
}

// fault notes what is wrong, the first time.
func (r *reader) fault(reason Reason, format string, args ...any) {
	if r.flaw == nil {
		r.flaw = &Flaw{reason, fmt.Sprintf(format, args...)}
	}
}

// header reads one header; false if there are too many to read more.
func (r *reader) header(h Attribute) (more bool) {
	name, isEvent := strings.CutPrefix(h.Name, prefix)
	switch {
	case isEvent:
		r.found++
	case h.Name == contentType:
	default:
		r.beside(h)
		return true
	}
	if r.size += sized(h); r.found > MaxExtensions+len(ours) || r.size > 2*MaxHeaders {
		r.fault(TooManyHeaders, "over %d headers or %d bytes of them; what follows was not read", MaxExtensions, MaxHeaders)
		return false
	}
	if slices.Contains(r.seen, h.Name) {
		r.fault(RepeatedHeader, "header %s stands twice; once was expected", known(h.Name))
		return true
	}
	r.seen = append(r.seen, h.Name)
	switch {
	case !plain(h.Value):
		r.fault(BadAttribute, "header %s holds control characters or no UTF-8", known(h.Name))
	case h.Name == contentType:
		r.ContentType = h.Value
	default:
		r.attribute(name, h.Value)
	}
	return true
}

// beside reads a header that is no attribute of the event.
func (r *reader) beside(h Attribute) {
	switch {
	case h.Name == ReplayHeader:
		r.Replay = readReplay(h.Value)
	case h.Name == "traceparent" || h.Name == "tracestate":
		r.trace = append(r.trace, h)
	case strings.HasPrefix(h.Name, besidePrefix):
		if len(r.Beside) < MaxExtensions && plain(h.Name) && plain(h.Value) {
			r.Beside = append(r.Beside, Attribute{h.Name[len(besidePrefix):], h.Value})
		}
	}
}

// attribute takes an attribute of the event.
func (r *reader) attribute(name, value string) {
	switch {
	case r.plainly(name, value):
	case name == "specversion":
		r.specversion = value
	case name == "partitionkey":
		r.Key = value
	case name == "time":
		r.Time, _ = time.Parse(time.RFC3339Nano, value)
	case !extensionName(name):
		r.fault(BadAttribute, "a header %s…; names of attributes have 1 to 64 of a-z and 0-9", prefix)
	default:
		r.Extensions = append(r.Extensions, Attribute{name, value})
	}
}

// complete notes what an event in binary mode lacks.
func (r *reader) complete() {
	switch {
	case r.found == 0 || r.found == 1 && r.Key != "":
		r.fault(NoEvent, "no ce_ headers; a CloudEvent in binary mode was expected: ce_id, ce_specversion, ce_type, ce_source")
	case r.specversion != version:
		r.fault(BadVersion, "ce_specversion is not %s", version)
	}
	for _, a := range []Attribute{{"ce_id", r.ID}, {"ce_type", r.Type}, {"ce_source", r.Source}} {
		if a.Value == "" {
			r.fault(BadAttribute, "%s is absent or empty", a.Name)
		}
	}
}

// known returns a header's name for a flaw, shortened: it comes from outside.
func known(name string) string {
	if len(name) > 40 || !utf8.ValidString(name) {
		return "with a long name"
	}
	return name
}
