package parts

import (
	"bytes"
	"errors"
	"mime"
	"strings"
	"unicode/utf8"
)

// Broken says why a body cannot be taken apart. It repeats nothing of it.
type Broken struct{ Reason string }

// Error returns the reason.
func (b *Broken) Error() string { return "the body is not multipart: " + b.Reason }

// ErrMany is the error of a body with more parts than it may have.
var ErrMany = errors.New("the body has too many parts")

const (
	mostHead     = 8 << 10 // bytes of a part's head
	mostBoundary = 70      // RFC 2046 §5.1.1
)

// raw is a part as it stands in a body. Its content is a piece of the body.
type raw struct {
	name    string // "" if it says none
	id      string // of Content-ID, without brackets
	file    string // its file name, "" for none
	media   string // its Content-Type as it stands, "" for none
	coding  string // its Content-Transfer-Encoding in small letters, "" for none
	content []byte
}

// split takes a body apart, and hands its parts to each, most of them at most. A strict reading takes nothing before, after or between
// what the boundaries divide.
func split(body []byte, boundary string, most int, strict bool, each func(*raw) error) error {
	if boundary == "" || len(boundary) > mostBoundary {
		return &Broken{"its Content-Type has no boundary of 1 to 70 characters"}
	}
	delimiter := []byte("\r\n--" + boundary)
	var rest []byte
	if bytes.HasPrefix(body, delimiter[2:]) {
		rest = body[len(delimiter)-2:]
	} else if at := find(body, delimiter); at >= 0 && !strict {
		rest = body[at+len(delimiter):]
	} else {
		return &Broken{"it does not begin with the boundary that its Content-Type has"}
	}
	for n := 0; ; n++ {
		if after, last := bytes.CutPrefix(rest, []byte("--")); last {
			if strict && len(bytes.TrimLeft(after, " \t\r\n")) > 0 {
				return &Broken{"something stands after its end"}
			}
			return nil
		}
		head, ok := bytes.CutPrefix(bytes.TrimLeft(rest, " \t"), []byte("\r\n"))
		if !ok {
			return &Broken{"a boundary does not end its line"}
		}
		if n == most {
			return ErrMany
		}
		p := &raw{}
		content, err := p.head(head)
		if err != nil {
			return err
		}
		// The blank line that ends the head is what begins the delimiter of a part without content.
		end := find(content, delimiter)
		if end < 0 {
			return &Broken{"it ends within a part: the last boundary is missing"}
		}
		p.content, rest = content[:end], content[end+len(delimiter):]
		if err := each(p); err != nil {
			return err
		}
	}
}

// find returns where the next delimiter stands, -1 for nowhere: only one that ends its line, or the body, is one.
func find(body, delimiter []byte) int {
	for from := 0; ; {
		at := bytes.Index(body[from:], delimiter)
		if at < 0 {
			return -1
		}
		at += from
		after := body[at+len(delimiter):]
		if bytes.HasPrefix(after, []byte("--")) || bytes.HasPrefix(bytes.TrimLeft(after, " \t"), []byte("\r\n")) {
			return at
		}
		from = at + len(delimiter)
	}
}

// head reads the head of a part, and returns what follows it.
func (r *raw) head(in []byte) (content []byte, err error) {
	seen := map[string]bool{}
	for left := mostHead; ; {
		end := bytes.Index(in[:min(left, len(in))], []byte("\r\n"))
		if end < 0 {
			return nil, &Broken{"the head of a part does not end, or is longer than 8 KiB"}
		}
		if end == 0 {
			return in[2:], nil
		}
		line := string(in[:end])
		in, left = in[end+2:], left-end-2
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.ContainsAny(name, " \t") || strings.ContainsAny(line, "\r\n\x00") {
			return nil, &Broken{"the head of a part has a line that is not a header"}
		}
		name, value = strings.ToLower(name), strings.TrimSpace(value)
		if strings.HasPrefix(name, "content-") && seen[name] {
			return nil, &Broken{"the head of a part has a header twice"}
		}
		seen[name] = true
		switch name {
		case "content-disposition":
			err = r.disposition(value)
		case "content-type":
			r.media = value
		case "content-id":
			r.id = strings.Trim(value, "<> ")
		case "content-transfer-encoding":
			r.coding = strings.ToLower(value)
		}
		if err != nil {
			return nil, err
		}
	}
}

// written undoes what browsers write in place of what would end a name (HTML, multipart/form-data encoding algorithm).
var written = strings.NewReplacer("%22", `"`, "%0D", "\r", "%0A", "\n")

// disposition reads the names of a part and its file.
func (r *raw) disposition(value string) error {
	_, params, err := mime.ParseMediaType(value)
	if err != nil || strings.Contains(value, "filename*") && strings.Contains(value, "filename=") {
		return &Broken{"the Content-Disposition of a part cannot be read"}
	}
	r.name, r.file = written.Replace(params["name"]), written.Replace(params["filename"])
	if !utf8.ValidString(r.name) || !utf8.ValidString(r.file) {
		return &Broken{"the name of a part is not in UTF-8"}
	}
	return nil
}
