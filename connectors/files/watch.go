package files

import (
	"path"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/schema"
	"fondaco/transform/records"
)

// watched is what a watch says for itself, and what describe makes of it.
type watched struct {
	match          config.Text
	complete       config.Text
	each           string
	format, record config.Text
	done, failed   config.Text
	bad            string
	mostBad, batch int
	key            config.Text

	folder, last         string // of match
	marker               string // in which {name} stands for the file's name; "" for stable files
	doneIn, failedIn     string
	records              *records.Format // nil of whole files
	recordType, itemType *schema.Type
	good                 bool
}

// The words of each, bad_records and complete.
const (
	eachFile   = "file"
	eachRecord = "record"
	badReject  = "reject"
	badRefuse  = "refuse"
	stable     = "stable"
	marker     = "marker "
	nameHole   = "{name}"
)

// What holds when nothing is said.
const (
	defaultBatch   = 500
	defaultMostBad = 1000
)

func newWatched() *watched {
	return &watched{each: eachFile, batch: defaultBatch, mostBad: defaultMostBad}
}

func watchSpec(o *spec.Object, watch *connectors.Watch) {
	w, ok := watch.Wire.(*watched)
	if !ok {
		w = newWatched()
		watch.Wire = w
	}
	o.Text("match", &w.match).
		Doc("The files that are new: * stands for any text, and ? for a sign, of the last element. They are taken in the " +
			"order of their names. Links, folders, names that begin with a dot and names that end as unfinished files do (.tmp, .part, .filepart) " +
			"are left alone.").Example("out/RUOLO_*.txt")
	o.Text("complete", &w.complete).
		Doc("When a file is whole. stable: its size and its time were the same at two polls, however old it is. " +
			"marker NAME: there is a file NAME beside it, where {name} stands for its own name; it is removed afterwards.").
		Default(stable).Example("marker {name}.ok")
	o.Enum("each", &w.each, eachFile, eachRecord).
		Doc("What one message is. file: a file: its name, path, size, time and SHA-256; it lies in " +
			"done: by then, and an operation can read it by the path. record: a record of a file, with the file's name and the record's number.").
		Default(eachFile)
	o.Text("format", &w.format).Doc("Of each: record, the format of the file, of formats:.").Example("ruolo")
	o.Text("record", &w.record).Doc("Of a format with several kinds of records: the kind that becomes messages.").Example("dettaglio")
	o.Text("done", &w.done).Doc("The folder into which files are moved that were taken: whole ones before their message, others after their " +
		"last record.").Example("fatti/")
	o.Text("failed", &w.failed).
		Doc("Of each: record, the folder into which files are moved that are refused, with a file NAME.reason, and where " +
			"the bad records of others are: NAME.reject as they were, and NAME.reasons, a CSV of line, record, column, field and reason.").
		Example("errori/")
	o.Enum("bad_records", &w.bad, badReject, badRefuse).
		Doc("Of each: record, what becomes of a record that does not fit the format. reject: it " +
			"is written into the reject file, and the others are worked on. refuse: no record of the file is.").Default(badReject)
	o.Int("max_bad", &w.mostBad).Range(1, 100_000).
		Doc("How many records may be bad; with one more the file is refused as a whole: it is likely " +
			"another one than was expected.").Default("1000")
	o.Text("key", &w.key).
		Doc("Of each: record, the field of the record whose equal values are worked on one after the other, in the order of " +
			"the file.").Example("codice_fiscale")
	o.Int("batch", &w.batch).Range(1, 10_000).Doc("How many files or records a poll takes at most.").Default("500")
}

// takenType is what is told of a file that was taken.
var takenType = schema.RecordType(
	schema.Field{Name: "name", Type: schema.TypeText, Required: true},
	schema.Field{Name: "path", Type: schema.TypeText, Required: true},
	schema.Field{Name: "size", Type: schema.TypeInt, Required: true},
	schema.Field{Name: "modified", Type: schema.TypeDateTime, Required: true},
	schema.Field{Name: "sha256", Type: schema.TypeText, Required: true},
)

// describe sets the type of a watch's items.
func (w *watched) describe(watch *connectors.Watch, of *wire, out *diag.List) {
	report := func(message string) *diag.Problem {
		return out.Report(diag.BadConnector, watch.Pos, "%s: %s", watch.Name, message).WithLen(len(watch.Name))
	}
	w.good = true
	w.describeMatch(watch, out)
	w.describeComplete(out)
	w.doneIn = w.describeFolder(watch, "done", w.done, out)
	if w.done.Value == "" && !watch.Unread {
		report("the watch does not say where files go that were taken").WithHint("write for example done: fatti/")
	}
	switch w.each {
	case eachRecord:
		w.describeRecords(watch, of, report, out)
	default:
		for name, at := range map[string]config.Text{"format": w.format, "record": w.record, "failed": w.failed, "key": w.key} {
			if at.Value != "" {
				at.Report(out, diag.BadConnector, "%s: %s belongs to each: record", watch.Name, name)
			}
		}
		if w.bad != "" {
			report("bad_records belongs to each: record")
		}
		w.itemType = takenType
	}
	if w.itemType == nil {
		w.itemType, w.good = schema.TypeUnknown, false
	}
	watch.Item = w.itemType
	watch.Ways = w.ways()
}

func (w *watched) describeMatch(watch *connectors.Watch, out *diag.List) {
	if w.match.Value == "" {
		w.good = false
		if !watch.Unread {
			out.Report(diag.BadConnector, watch.Pos, "%s: the watch says no files", watch.Name).WithLen(len(watch.Name)).
				WithHint("write match:, as match: out/RUOLO_*.txt")
		}
		return
	}
	t, bad := parseTemplate(w.match.Value, true)
	if bad == nil && len(t.holes()) > 0 {
		hole := t.parts[1]
		bad = &badTemplate{
			hole.at, hole.at + len(hole.text) + 2, "found {" + hole.text + "}, which has no value here",
			"write * for any text",
		}
	}
	if bad != nil {
		w.good = false
		if problem := w.match.Slice(bad.from, bad.to).Report(out, diag.BadConnector, "%s: %s", watch.Name, bad.message); bad.hint != "" {
			problem.WithHint("%s", bad.hint)
		}
		return
	}
	folder, last := path.Split(w.match.Value)
	w.folder, w.last = folderOf(folder), last
}

func (w *watched) describeComplete(out *diag.List) {
	text := w.complete.Value
	if text == "" || text == stable {
		return
	}
	name, is := strings.CutPrefix(text, marker)
	example := strings.ReplaceAll(name, nameHole, "x")
	switch {
	case !is:
		w.complete.Report(out, diag.BadValue, "complete: found %q, expected stable, or marker and a name", text).
			WithHint("write for example complete: marker {name}.ok")
	case !strings.Contains(name, nameHole) || driver.CheckName(example) != nil || strings.ContainsAny(example, "{}*?"):
		w.complete.Slice(len(marker), len(text)).Report(out, diag.BadValue, "complete: found %q, expected the name of a file beside it", name).
			WithHint("write for example marker {name}.ok")
	case name == nameHole:
		w.complete.Report(out, diag.BadValue, "complete: the marker is the file itself").WithHint("write for example marker {name}.ok")
	default:
		w.marker = name
		return
	}
	w.good = false
}

// describeFolder checks the path of a folder into which files are moved.
func (w *watched) describeFolder(watch *connectors.Watch, key string, at config.Text, out *diag.List) string {
	if at.Value == "" {
		w.good = false
		return ""
	}
	folder := strings.TrimSuffix(at.Value, "/")
	switch {
	case folder == "." || !driver.ValidPath(folder) || strings.ContainsAny(folder, "{}*?["):
		at.Report(out, diag.BadConnector, "%s: %s: found %q, expected a folder below the address, as fatti/", watch.Name, key, at.Value)
	case folder == w.folder && w.good:
		at.Report(out, diag.BadConnector, "%s: %s is the folder in which files are looked for: they would be found again", watch.Name, key).
			WithHint("write another one, as %s/%s", folder, map[string]string{"done": "fatti/", "failed": "errori/"}[key])
	default:
		return folder
	}
	w.good = false
	return ""
}

// describeRecords finds the format and the key.
func (w *watched) describeRecords(watch *connectors.Watch, of *wire, report func(string) *diag.Problem, out *diag.List) {
	if w.failedIn = w.describeFolder(watch, "failed", w.failed, out); w.failed.Value == "" && !watch.Unread {
		report("the watch does not say where files and records go that are bad").WithHint("write for example failed: errori/")
	}
	if w.format.Value == "" {
		if !watch.Unread {
			report("the watch does not say what the records of its files are").WithHint("write format: and the name of one of files: formats:")
		}
		return
	}
	var kind string
	w.records, kind = of.kind(watch.Name, w.format, w.record, out)
	if w.records == nil {
		return
	}
	w.record.Value = kind
	w.recordType = w.records.Type(kind)
	w.itemType = schema.RecordType(
		schema.Field{Name: "file", Type: schema.TypeText, Required: true},
		schema.Field{Name: "number", Type: schema.TypeInt, Required: true},
		schema.Field{Name: "record", Type: w.recordType, Required: true},
	)
	if w.key.Value == "" {
		return
	}
	i := w.recordType.Index(w.key.Value)
	if i < 0 {
		var names []string
		for _, f := range w.recordType.Fields {
			names = append(names, f.Name)
		}
		w.key.Report(out, diag.BadConnector, "%s: the record has no field %q", watch.Name, w.key.Value).WithNearest(w.key.Value, names)
		w.good = false
		return
	}
	if f := w.recordType.Fields[i]; !f.Type.Kind.Textual() && f.Type.Kind != schema.KindInt {
		w.key.Report(out, diag.BadConnector, "%s: the field %s, which is the key, is %s, expected a text, a whole number or a date", watch.Name,
			f.Name, f.Type)
		w.good = false
	}
	watch.Keyed = "record." + w.key.Value
}

// kind finds a format and one of its kinds of records, and reports what is not there; nil if it cannot be used.
func (w *wire) kind(who string, name, kind config.Text, out *diag.List) (*records.Format, string) {
	f := w.format(name.Value)
	if f == nil {
		var known []string
		for _, f := range w.formats {
			known = append(known, f.name.Value)
		}
		problem := name.Report(out, diag.BadConnector, "%s: there is no format %q", who, name.Value).WithNearest(name.Value, known)
		if len(known) == 0 {
			problem.WithHint("declare it under files: formats:")
		}
		return nil, ""
	}
	if f.compiled == nil {
		return nil, "" // which is reported
	}
	kinds := f.compiled.Kinds()
	switch {
	case len(kinds) == 1 && kind.Value == "":
		return f.compiled, kinds[0]
	case kind.Value == "":
		name.Report(out, diag.BadConnector, "%s: the format %s has several kinds of records", who, name.Value).
			WithHint("write record: and one of %s", strings.Join(kinds, ", "))
		return nil, ""
	case f.compiled.Type(kind.Value) == nil:
		kind.Report(out, diag.BadConnector, "%s: the format %s has no records %q", who, name.Value, kind.Value).WithNearest(kind.Value, kinds)
		return nil, ""
	}
	return f.compiled, kind.Value
}

// ways says how files are watched, for people.
func (w *watched) ways() []string {
	whole := "a file is whole once two polls have found it the same"
	if w.marker != "" {
		whole = "a file is whole once there is " + w.marker + " beside it"
	}
	if w.each == eachFile {
		return []string{
			"each file " + w.match.Value, whole,
			"it is moved to " + w.doneIn + "/ and then told; the same name and content is told once",
		}
	}
	bad := "bad records are written to " + w.failedIn + "/NAME.reject, and the others are worked on"
	if w.bad == badRefuse {
		bad = "one bad record refuses the file"
	}
	return []string{
		"each record of the files " + w.match.Value + ", in their order", whole,
		"a first pass checks counts and totals: a file that is refused is moved to " + w.failedIn + "/, and none of its records is worked on",
		bad, "after its last record a file is moved to " + w.doneIn + "/; the same name and content is worked on once",
	}
}
