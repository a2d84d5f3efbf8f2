package routestest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"fondaco/connectors/simulate"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// anything stands for any value in an expected body, and as a field for any fields that are not written.
const anything = "..."

// compare returns what differs between an answer and what was expected, "" if nothing does.
func (a *Answer) compare(status int, headers []trigger.Header, body []byte, cause error) string {
	if status != a.Status {
		s := fmt.Sprintf("status %d, expected %d; the body is %s", status, a.Status, body)
		if cause != nil {
			s += "; " + innermost(cause).Error()
		}
		return s
	}
	for _, want := range a.Headers {
		found := false
		var got []string
		for _, h := range headers {
			if strings.EqualFold(h.Name, want[0]) {
				got = append(got, h.Value)
				found = found || h.Value == want[1] || want[1] == anything
			}
		}
		if !found {
			return fmt.Sprintf("header %s is %q, expected %q", want[0], strings.Join(got, ", "), want[1])
		}
	}
	if a.Body == nil {
		return ""
	}
	want, got := simulate.Plain(a.Body), schema.Value{}
	if want.Kind() == schema.KindText && len(body) > 0 && stands(want.Str(), body) {
		return ""
	}
	if len(body) > 0 {
		var err error
		if got, err = codec.CompileJSON(schema.TypeAny, codec.JSONOptions{}).Decode(body); err != nil {
			if utf8.Valid(body) {
				return fmt.Sprintf("the body is not JSON: %s", body)
			}
			return fmt.Sprintf("the body is not JSON but %d octets, in base64 %s", len(body), base64.StdEncoding.EncodeToString(body))
		}
	}
	if where := differ(want, got, ""); where != "" {
		return where + "; the body is " + string(body)
	}
	return ""
}

// stands reports whether a text stands for a body that need not be JSON: as it is, or its octets in base64.
func stands(want string, body []byte) bool {
	return want == anything || want == string(body) || want == base64.StdEncoding.EncodeToString(body)
}

// innermost returns the problem that others hold, which say the same.
func innermost(cause error) error {
	for {
		var within *trigger.Problem
		if !errors.As(errors.Unwrap(cause), &within) {
			return cause
		}
		cause = within
	}
}

// differ returns the first place where two values differ.
func differ(want, got schema.Value, path string) string {
	if want.Kind() == schema.KindText && want.Str() == anything {
		if got.IsAbsent() {
			return path + " is not there"
		}
		return ""
	}
	show := func(v schema.Value) string {
		if v.IsAbsent() {
			return "nothing"
		}
		return string(codec.AppendJSON(nil, v))
	}
	different := fmt.Sprintf("%s is %s, expected %s", place(path), show(got), show(want))
	switch want.Kind() {
	case schema.KindMap:
		if got.Kind() != schema.KindMap {
			return different
		}
		m := want.Map()
		for i, k := range m.Keys {
			if k == anything {
				continue
			}
			if d := differ(m.Values[i], got.Get(k), path+"."+k); d != "" {
				return d
			}
		}
		for _, k := range got.Map().Keys {
			if m.Get(k).IsAbsent() && m.Get(anything).IsAbsent() {
				return fmt.Sprintf("%s has %q, which was not expected", place(path), k)
			}
		}
		return ""
	case schema.KindList:
		if got.Kind() != schema.KindList || got.Len() != want.Len() {
			return different
		}
		for i, x := range want.Items() {
			if d := differ(x, got.Items()[i], fmt.Sprintf("%s[%d]", path, i)); d != "" {
				return d
			}
		}
		return ""
	}
	if !schema.Equal(want, got) { // numbers by their value: 12.50 is 12.5
		return different
	}
	return ""
}

func place(path string) string {
	if path == "" {
		return "the body"
	}
	return strings.TrimPrefix(path, ".")
}
