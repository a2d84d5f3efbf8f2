package parts

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"slices"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// Reading says how a body is read.
type Reading struct {
	Most int // parts at most
	// Open passes over parts that the type does not have, and tells parts without a name by their Content-ID, or their place among the
	// fields: as answers of systems are read. Otherwise they are violations.
	Open bool
	// Strict refuses what two readers may read differently: text around the parts, names of files with a path, a field twice, nested
	// bodies, transfer encodings.
	Strict bool

	// Tolerated is told how many single values were not as the type says and let pass, as of codec.JSONOptions; nil lets none pass.
	Tolerated func(n int)
}

// LargeError says that a file is larger than it may be.
type LargeError struct {
	Field string
	Most  int64
}

// Error names the field and the bound.
func (e *LargeError) Error() string {
	return fmt.Sprintf("the file %s is larger than %d bytes", e.Field, e.Most)
}

// Decode reads a body as a value of the form's type; the octets of files are pieces of the body. The errors are *Broken, ErrMany,
// *LargeError, and schema.Violations, all that were found.
func (f *Form) Decode(body []byte, boundary string, o Reading) (schema.Value, error) {
	in := &incoming{form: f, reading: o, found: make([][]schema.Value, len(f.list))}
	if err := split(body, boundary, o.Most, o.Strict, in.part); err != nil {
		return schema.Value{}, err
	}
	v := in.laid()
	if in.wrong == nil {
		in.wrong = schema.Check(v, f.t)
	}
	if in.wrong != nil {
		return schema.Value{}, in.wrong
	}
	if in.tolerated > 0 {
		o.Tolerated(in.tolerated)
	}
	return v, nil
}

// Pruned returns the form for values of a type that has some of its fields.
func (f *Form) Pruned(want *schema.Type, o codec.JSONOptions) *Form {
	own := &Form{t: want, list: slices.Clone(f.list)}
	for i := range own.list {
		p := &own.list[i]
		if p.at = want.Index(p.name); p.at < 0 {
			continue
		}
		if p.t = want.Fields[p.at].Type; p.many || p.joined != "" {
			p.t = p.t.Elem
		}
		if p.decode != nil {
			p.decode = codec.CompileJSON(p.t, o)
		}
	}
	return own
}

// mostWrong is how many violations of a body are told.
const mostWrong = 100

// incoming is a body while it is read.
type incoming struct {
	form    *Form
	reading Reading
	place   int              // of the next part
	found   [][]schema.Value // by the place in the form's list
	wrong   schema.Violations

	tolerated int
}

// part reads one part.
func (in *incoming) part(r *raw) error {
	at := in.field(r)
	in.place++
	switch {
	case at < 0 && r.name == "" && in.reading.Strict:
		return &Broken{"a part has no name"}
	case at < 0:
		if !in.reading.Open {
			in.report(schema.Violations{{Path: "/(unknown)", Code: "unknown", Expected: "no such part"}})
		}
		return nil
	case in.form.list[at].at < 0:
		return nil
	}
	p := &in.form.list[at]
	if len(in.found[at]) == 1 && !p.many && in.reading.Strict {
		return &Broken{"it has two parts of the name " + p.name}
	}
	if in.reading.Strict {
		if err := r.plain(); err != nil {
			return err
		}
	}
	if p.size > 0 && int64(len(r.content)) > p.size {
		return &LargeError{p.name, p.size}
	}
	v, err := p.read(r)
	var broken *Broken
	if errors.As(err, &broken) {
		return err
	}
	if err != nil && in.reading.Tolerated != nil {
		v, err = in.lenient(p, r, err)
	}
	if err != nil {
		in.report(schema.Under(err, p.name))
	}
	in.found[at] = append(in.found[at], v)
	return nil
}

func (in *incoming) report(wrong schema.Violations) {
	if len(in.wrong) < mostWrong {
		in.wrong = append(in.wrong, wrong...)
	}
}

// field returns the place of a part's field in the list, -1 for none.
func (in *incoming) field(r *raw) int {
	list := in.form.list
	named := func(name string) int { return slices.IndexFunc(list, func(p part) bool { return p.name == name }) }
	if r.name != "" || !in.reading.Open {
		return named(r.name)
	}
	if at := named(r.id); r.id != "" && at >= 0 {
		return at
	}
	switch last := len(list) - 1; {
	case in.place <= last:
		return in.place
	case last >= 0 && list[last].many:
		return last
	}
	return -1
}

// plain refuses what others may read differently.
func (r *raw) plain() error {
	base, _, err := mime.ParseMediaType(r.media)
	switch {
	case r.media != "" && err != nil:
		return &Broken{"the Content-Type of a part is not a media type"}
	case strings.HasPrefix(base, "multipart/"):
		return &Broken{"a part has parts of its own"}
	case !slices.Contains([]string{"", "binary", "8bit", "7bit"}, r.coding):
		return &Broken{"a part has a Content-Transfer-Encoding, which form data does not have"}
	case strings.ContainsAny(r.file, `/\`) || r.file == "." || r.file == "..":
		return &Broken{"the name of a file holds a path"}
	case strings.ContainsFunc(r.file, func(c rune) bool { return c < ' ' || c == 0x7f }):
		return &Broken{"the name of a file holds control characters"}
	}
	return nil
}

// decoded returns the content out of the encoding in which it travelled.
func (r *raw) decoded() ([]byte, error) {
	switch r.coding {
	case "", "binary", "8bit", "7bit":
		return r.content, nil
	case "base64":
		text := strings.Map(func(c rune) rune {
			if strings.ContainsRune(" \t\r\n", c) {
				return -1
			}
			return c
		}, string(r.content))
		octets, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, errors.New("expected base64, as its Content-Transfer-Encoding says")
		}
		return octets, nil
	case "quoted-printable":
		return io.ReadAll(quotedprintable.NewReader(bytes.NewReader(r.content)))
	}
	return nil, errors.New("expected a Content-Transfer-Encoding that is known")
}

// read reads the value of a part.
func (p *part) read(r *raw) (schema.Value, error) {
	content, err := r.decoded()
	if err != nil {
		return schema.Value{}, err
	}
	if p.kind == partFile {
		return p.file(r, content)
	}
	base, params, _ := mime.ParseMediaType(r.media)
	text, err := codec.UTF8(content, params["charset"])
	switch {
	case err != nil:
		return schema.Value{}, errors.New("expected text in the charset that the part says, UTF-8 if none")
	case p.kind == partJSON, p.kind == partAuto && jsonLike(base):
		return p.decode.Decode(text)
	case bytes.IndexByte(text, 0) >= 0:
		return schema.Value{}, errors.New("expected text without the character NUL")
	case p.kind == partAuto:
		return schema.Text(string(text)), nil
	case p.joined != "":
		items := []schema.Value{}
		for item := range strings.SplitSeq(string(text), p.joined) {
			v, err := single(item, p.t)
			if err != nil {
				return v, err
			}
			items = append(items, v)
		}
		return schema.List(items), nil
	}
	return single(string(text), p.t)
}

// single reads a single value; the error says what was expected.
func single(text string, t *schema.Type) (schema.Value, error) {
	v, err := schema.ReadText(text, t)
	var wrong schema.Violations
	if err == nil || errors.As(err, &wrong) {
		return v, err
	}
	if wrong = schema.Check(schema.Text(text), t); wrong != nil {
		return v, wrong
	}
	return v, err
}

// file makes the record of a file, of those of its fields that its type has.
func (p *part) file(r *raw, content []byte) (schema.Value, error) {
	slots := schema.Slots(p.t)
	set := func(field string, v schema.Value) {
		if at := p.t.Index(field); at >= 0 {
			slots[at+1] = v
		}
	}
	set("content", schema.Bytes(content))
	if r.file != "" {
		set("name", schema.Text(r.file))
	}
	if r.media != "" {
		set("type", schema.Text(r.media))
	}
	if len(p.offered) > 0 && !p.offers(r.media) {
		return schema.Value{}, fmt.Errorf("expected a file of the type %s", strings.Join(p.offered, ", "))
	}
	return schema.Record(p.t, slots), nil
}

// laid lays the parts out as the object that they are.
func (in *incoming) laid() schema.Value {
	t := in.form.t
	slots := schema.Slots(t)
	for i := range in.form.list {
		p, all := &in.form.list[i], in.found[i]
		if p.at < 0 {
			continue
		}
		required := t.Fields[p.at].Required
		switch {
		case len(all) == 0 && required && !p.many:
			in.report(schema.Violations{{Path: "/" + p.name, Code: "required", Expected: "a value", Found: "nothing"}})
		case len(all) == 0:
			if p.many && required { // a list of nothing has no parts
				slots[p.at+1] = schema.List(nil)
			}
		case p.many:
			slots[p.at+1] = schema.List(all)
		case len(all) > 1:
			in.report(schema.Violations{{Path: "/" + p.name, Code: "type", Expected: "one part"}})
		default:
			slots[p.at+1] = all[0]
		}
	}
	return schema.Record(t, slots)
}
