package message

import (
	"bytes"
	"errors"
	"strings"
)

// field is a line of a header, unfolded, with its value as it came.
type field struct{ name, value string }

// header is a header's fields, in their order.
type header []field

// Bounds of one header.
const (
	mostFields = 2000
	mostHeader = 1 << 20
)

var errHeader = errors.New("the header has more than 2000 fields, or more than 1 MiB")

// split takes the header from the body. Lines that are no fields are passed over.
func split(raw []byte) (h header, body []byte, err error) {
	read := 0
	var value []byte // of the last field, which may go on: it is written once
	end := func() {
		if n := len(h); n > 0 {
			h[n-1].value = string(value)
		}
	}
	defer func() { end() }()
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		if read += len(line); read > mostHeader || len(h) > mostFields {
			return nil, nil, errHeader
		}
		raw = rest
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			return h, raw, nil
		}
		if line[0] == ' ' || line[0] == '\t' {
			value = append(append(value, ' '), bytes.TrimLeft(line, " \t")...)
			continue
		}
		name, rest, found := bytes.Cut(line, []byte(":"))
		if name = bytes.TrimRight(name, " \t"); found && len(name) > 0 && !bytes.ContainsAny(name, " \t") {
			end()
			h, value = append(h, field{name: string(name)}), append(value[:0], bytes.TrimLeft(rest, " \t")...)
		}
	}
	return h, nil, nil
}

// get returns the first value of a field, "" if there is none.
func (h header) get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return strings.TrimSpace(f.value)
		}
	}
	return ""
}

// count returns how many fields of a name there are.
func (h header) count(name string) (n int) {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			n++
		}
	}
	return n
}
