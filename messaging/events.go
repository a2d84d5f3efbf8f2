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

// Headers gives m's headers on the wire: ce_id, ce_specversion, ce_type, ce_source, ce_time and those of subject,
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
// supported. It never fails: of what is no CloudEvent it gives what there is, and the
// flaw that makes it a dead letter. Headers other than CloudEvents' are passed over, whatever they claim; only
// traceparent and tracestate are taken where ce_traceparent and ce_tracestate are absent. A time that is none, or lies
// before 1970 or over a day after arrived, becomes arrived. A key that a broker carries beside the headers is given to
// Read as the header ce_partitionkey.
func Read(headers []Attribute, body []byte, arrived time.Time) (Message, *Flaw) {
	m := Message{Body: body}
	var flaw *Flaw
	fault := func(reason Reason, format string, args ...any) {
		if flaw == nil {
			flaw = &Flaw{reason, fmt.Sprintf(format, args...)}
		}
	}
	var found, size int
	var specversion string
	var trace []Attribute
	seen := make([]string, 0, 16)
read:
	for _, h := range headers {
		name, isEvent := strings.CutPrefix(h.Name, prefix)
		switch {
		case isEvent:
			found++
		case h.Name == contentType:
		case h.Name == ReplayHeader:
			m.Replay = readReplay(h.Value)
			continue
		case h.Name == "traceparent" || h.Name == "tracestate":
			trace = append(trace, h)
			continue
		case strings.HasPrefix(h.Name, besidePrefix):
			if len(m.Beside) < MaxExtensions && plain(h.Name) && plain(h.Value) {
				m.Beside = append(m.Beside, Attribute{h.Name[len(besidePrefix):], h.Value})
			}
			continue
		default:
			continue
		}
		if size += sized(h); found > MaxExtensions+len(ours) || size > 2*MaxHeaders {
			fault(TooManyHeaders, "over %d headers or %d bytes of them; what follows was not read", MaxExtensions, MaxHeaders)
			break read
		}
		if slices.Contains(seen, h.Name) {
			fault(RepeatedHeader, "header %s stands twice; once was expected", known(h.Name))
			continue
		}
		seen = append(seen, h.Name)
		if !plain(h.Value) {
			fault(BadAttribute, "header %s holds control characters or no UTF-8", known(h.Name))
			continue
		}
		if h.Name == contentType {
			m.ContentType = h.Value
			continue
		}
		switch name {
		case "id":
			m.ID = h.Value
		case "specversion":
			specversion = h.Value
		case "type":
			m.Type = h.Value
		case "source":
			m.Source = h.Value
		case "subject":
			m.Subject = h.Value
		case "partitionkey":
			m.Key = h.Value
		case "time":
			m.Time, _ = time.Parse(time.RFC3339Nano, h.Value)
		default:
			if !extensionName(name) {
				fault(BadAttribute, "a header %s…; names of attributes have 1 to 64 of a-z and 0-9", prefix)
				continue
			}
			m.Extensions = append(m.Extensions, Attribute{name, h.Value})
		}
	}
	structured := Structured(m.ContentType)
	if structured && flaw == nil {
		switch err := readStructured(&m); {
		case err != nil && found > 1: // its attributes are headers, whatever the content type says
			structured = false
		case err != nil:
			fault(StructuredMode, "%s", err.Error())
		}
	}
	for _, t := range trace {
		if m.Extension(t.Name) == "" && plain(t.Value) && len(t.Value) <= 512 {
			m.Extensions = append(m.Extensions, t)
		}
	}
	slices.SortFunc(m.Extensions, byName)
	if m.Time.Before(time.Unix(0, 0)) || m.Time.After(arrived.Add(24*time.Hour)) {
		m.Time = arrived
	}
	switch {
	case structured:
		return m, flaw
	case found == 0 || found == 1 && m.Key != "":
		fault(NoEvent, "no ce_ headers; a CloudEvent in binary mode was expected: ce_id, ce_specversion, ce_type, ce_source")
	case specversion != version:
		fault(BadVersion, "ce_specversion is not %s", version)
	}
	for _, a := range []Attribute{{"ce_id", m.ID}, {"ce_type", m.Type}, {"ce_source", m.Source}} {
		if a.Value == "" {
			fault(BadAttribute, "%s is absent or empty", a.Name)
		}
	}
	return m, flaw
}

// known gives a header's name for a flaw, shortened: it comes from outside.
func known(name string) string {
	if len(name) > 40 || !utf8.ValidString(name) {
		return "with a long name"
	}
	return name
}
