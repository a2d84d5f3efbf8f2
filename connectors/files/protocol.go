// Package files reads, writes and watches files in a folder of this machine, of a server of SFTP or FTP, or in a bucket of S3. What a file
// holds stands in the connector, so that routes are checked without it.
package files

import (
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/records"
	"fondaco/transform/typing"
)

// Protocol is files.
var Protocol = &connectors.Protocol{
	Name:          "files",
	Title:         "Files in a folder, also of a server of SFTP or FTP, or in a bucket of S3",
	Spec:          connectorSpec,
	OperationSpec: operationSpec,
	WatchSpec:     watchSpec,
	Describe:      describe,
	Addresses:     addresses,
	Open:          open,
	Watch:         watch,
	Simulate:      simulated,
}

// wire is what a connector says under files:.
type wire struct {
	address config.Ref
	entry   entrance
	formats []*format
}

// format is one of records.
type format struct {
	name     config.Text
	declared *records.Declaration
	compiled *records.Format // nil if it cannot be used
}

// format finds one by its name, nil if there is none.
func (w *wire) format(name string) *format {
	for _, f := range w.formats {
		if f.name.Value == name {
			return f
		}
	}
	return nil
}

func addresses(c *connectors.Connector) []config.Ref {
	if w, ok := c.Wire.(*wire); ok {
		return []config.Ref{w.address, w.entry.endpoint}
	}
	return nil
}

func connectorSpec(o *spec.Object, c *connectors.Connector) {
	w, ok := c.Wire.(*wire)
	if !ok {
		w = &wire{entry: newEntrance()}
		c.Wire = w
	}
	o.Ref("address", &w.address, connectors.Spaces...).Required().
		Doc("The folder in which all paths are: file:FOLDER on this machine, a relative one from the project's folder; sftp://HOST/FOLDER, " +
			"ftps://HOST/FOLDER (FTP over TLS) or ftp://HOST/FOLDER on a server, with HOST:PORT of another port, where /~/FOLDER is a folder " +
			"of the user's own. Nothing outside of it is reached, by links neither; over FTP links are the server's matter. s3://BUCKET or " +
			"s3://BUCKET/FOLDER is a store of S3.").
		Example("${param.endpoint}")
	w.entry.spec(o)
	o.Map("formats", func(key config.Text) func(*spec.Object) {
		f := w.format(key.Value)
		if f == nil {
			f = &format{name: key, declared: records.NewDeclaration(key)}
			w.formats = append(w.formats, f)
		}
		return f.declared.Spec
	}).Doc("The formats of files that hold records, by the names under which format: finds them.")
}

// The kinds of operations, by their keys.
const (
	doList   = "list"
	doRead   = "read"
	doWrite  = "write"
	doAppend = "append"
	doMove   = "move"
	doDelete = "delete"
	doExists = "exists"
)

// kinds are all of them, with what each is for.
var kinds = []struct{ key, doc, example string }{
	{doList, "The files that are listed: * stands for any text, and ? for a sign, of the last element.", "out/RUOLO_*.txt"},
	{doRead, "The file that is read.", "bollette/{numero}.pdf"},
	{doWrite, "The file that is written, under a temporary name first.", "in/{nome}.csv"},
	{doAppend, "The file to whose end is written. It is made if it lacks.", "registro/{anno}.log"},
	{doMove, "The file that is moved, to what to: says.", "in/{nome}"},
	{doDelete, "The file that is deleted.", "in/{nome}"},
	{doExists, "The file of which is asked whether it is there.", "out/{nome}.ok"},
}

// The contents of a file.
const (
	contentBytes = "bytes"
	contentText  = "text"
	contentJSON  = "json"
)

// The words of existing.
const (
	existingReplace = "replace"
	existingRefuse  = "refuse"
)

// op is what an operation declares, and what describe derives from it.
type op struct {
	paths      map[string]*config.Text // by the key of the kind
	to         config.Text
	parameters []entry
	content    string
	mediaType  string
	document   *config.Node // the schema of a JSON document
	existing   string
	most       int   // of files that are listed
	size       int64 // of what is read, or written at once

	kind         string       // "" if it cannot be run
	written      *schema.Type // the JSON document that is written, nil for none
	path, target *template
	replace      bool
}

// entry is a parameter with its schema.
type entry struct {
	key   config.Text
	value *config.Node
}

// Bounds of what one call reads.
const (
	defaultSize = 10 << 20
	defaultMost = 1000
)

func operationSpec(o *spec.Object, operation *connectors.Operation) {
	p, ok := operation.Wire.(*op)
	if !ok {
		p = &op{paths: map[string]*config.Text{}, size: defaultSize, most: defaultMost}
		operation.Wire = p
	}
	for _, k := range kinds {
		if p.paths[k.key] == nil {
			p.paths[k.key] = &config.Text{}
		}
		o.Text(k.key, p.paths[k.key]).
			Doc(k.doc + " The path is relative to the address; {name} stands for a parameter, whose value may not lead to another folder.").
			Example(k.example)
	}
	o.Text("to", &p.to).Doc("Of move: the file's new path.").Example("fatti/{nome}")
	o.Entries("parameters", typing.Schema(), func(key config.Text, value *config.Node, _ *diag.List) {
		p.parameters = append(p.parameters, entry{key, value})
	}).AnyKeys().Doc("The parameters of paths, and their schemas: text, whole numbers and dates.").Default("text for each {name}")
	o.Enum("content", &p.content, contentBytes, contentText, contentJSON).
		Doc("What the file holds. bytes: octets, which can be streamed. text: text in UTF-8. json: a document of JSON, as schema: says.")
	o.String("media_type", &p.mediaType).Doc("Of content: bytes, what the octets are.").Default("application/octet-stream").
		Example("application/pdf")
	o.Node("schema", &p.document).Doc("Of content: json, the schema of the document. What is read is the output; what is written is the " +
		"input, and the paths are made of its fields too.")
	o.Enum("existing", &p.existing, existingReplace, existingRefuse).
		Doc("Of write and move, what becomes of a file that is there already. replace: it is replaced, at once. refuse: it stays, and the " +
			"fault is conflict.").Default("replace where the effect is idempotent, refuse otherwise")
	o.Int("max_files", &p.most).Range(1, 100_000).Doc("Of list: how many files there may be; one more is the fault invalid.").Default("1000")
	o.Size("max_size", &p.size).Doc("How large a file may be that is read or written in one piece; a stream has no such bound.").
		Default("10MiB")
}

// writes reports whether an operation of a kind takes a content.
func writes(kind string) bool { return kind == doWrite || kind == doAppend }

// reads reports whether an operation of a kind changes nothing.
func reads(kind string) bool { return slices.Contains([]string{doList, doRead, doExists}, kind) }
