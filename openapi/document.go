package openapi

import (
	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
)

// Document is an API as somebody else describes it.
type Document struct {
	File       string
	Version    string // as written: 3.0.3, 3.1.0, 2.0
	Info       Info
	Operations []Operation // in the order of the document
}

// Operation returns the operation with an id, nil if there is none.
func (d *Document) Operation(id string) *Operation {
	for i := range d.Operations {
		if d.Operations[i].ID == id && id != "" {
			return &d.Operations[i]
		}
	}
	return nil
}

// At returns the operation of a method and path as the document writes it, as in "GET /multe/{numero}"; nil if there is none.
func (d *Document) At(line string) *Operation {
	for i := range d.Operations {
		if o := &d.Operations[i]; o.Method+" "+o.Path == line {
			return o
		}
	}
	return nil
}

// IDs returns the ids of the operations that have one, in the order of the document.
func (d *Document) IDs() []string {
	var ids []string
	for i := range d.Operations {
		if d.Operations[i].ID != "" {
			ids = append(ids, d.Operations[i].ID)
		}
	}
	return ids
}

// maxDocument is the size in bytes from which a document is refused.
const maxDocument = 32 << 20

// Read understands an OpenAPI 3.0 or 3.1 or a Swagger 2.0 document, in JSON or YAML. It opens nothing else: references
// within the document are followed, any other is a problem. Problems go to out at their place in file; those of the
// document as a whole at pos, where it was named. It returns nil when src is no such document at all.
//
// Records that the document leaves open are Open. Conditions that types do not carry (if,
// contains and others of the vocabulary) are warnings, once a word and document: a value may fit the type and still be refused by the
// system.
func Read(src []byte, file string, out *diag.List, pos diag.Pos) *Document {
	return read(src, file, out, pos, nil, false)
}

// ReadClient is Read for those who call the API: paths that a server could not tell apart are no problem, and formats of JSON Schema
// in answers are what the system claims (schema.Type, Claimed). The zone is that in which the API writes moments and times without an
// offset; nil if it does not.
func ReadClient(src []byte, file string, zone *schema.Zone, out *diag.List, pos diag.Pos) *Document {
	return read(src, file, out, pos, zone, true)
}

func read(src []byte, file string, out *diag.List, pos diag.Pos, zone *schema.Zone, client bool) *Document {
	if len(src) > maxDocument {
		out.Report(diag.BadSchema, pos, "%s has %d bytes, at most %d are read", file, len(src), maxDocument)
		return nil
	}
	root := config.ParseDocument(file, src, out)
	if root == nil {
		return nil
	}
	r := &reader{types: newTypes(&refs{root: root, out: out, told: map[*config.Node]bool{}}), doc: &Document{File: file}}
	r.zone, r.client = zone, client
	version := root.Get("openapi")
	if version == nil {
		version = root.Get("swagger")
		r.swagger = true
	}
	if version == nil || root.Kind != config.NodeMap {
		out.Report(diag.BadSchema, pos, "%s is not an OpenAPI document: it says neither openapi nor swagger", file)
		return nil
	}
	r.doc.Version = version.Text.Value
	switch v := r.doc.Version; {
	case r.swagger && v == "2.0", !r.swagger && (hasVersion(v, "3.0") || hasVersion(v, "3.1")):
	default:
		out.Report(diag.BadSchema, version.Pos(), "found version %q, expected OpenAPI 3.0 or 3.1 or Swagger 2.0", v)
		return nil
	}
	r.overlaid = hasVersion(r.doc.Version, "3.1")
	r.info()
	r.schemes()
	r.paths()
	r.finish()
	if client {
		r.doc.claim()
	}
	return r.doc
}

// claim makes the formats of answers claims of the system that sends them.
func (d *Document) claim() {
	var claims schema.Claims
	for i := range d.Operations {
		for j := range d.Operations[i].Responses {
			a := &d.Operations[i].Responses[j]
			a.Body = claims.Of(a.Body)
		}
	}
}

func hasVersion(v, line string) bool { return v == line || len(v) > 4 && v[:4] == line+"." }
