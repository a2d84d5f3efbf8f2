package scaffold

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"fondaco/connectors"
	"fondaco/openapi"
	"fondaco/schema"
)

// The folders of an imported connector.
const (
	importSamples = "samples"
	importSchemas = "schemas"
)

// Files returns the connector's own files by their paths in its folder: connector.yaml, for each operation the JSON Schemas
// of input and output and a sample. Where the schemas are large, what they share is in a file of its own. The files in Sources
// come beside them.
func (x *Import) Files(name string) map[string][]byte {
	files := map[string][]byte{connectors.File: x.connector(name)}
	x.schemas(files)
	for _, op := range x.Operations {
		if op.Silent || !op.Sample.IsAbsent() {
			files[path.Join(importSamples, op.Name+".yaml")] = op.sampleFile()
		}
	}
	return files
}

// mostSchemas is how many bytes the schemas of all operations may have if each says all that it needs.
const mostSchemas = 1 << 20

// sharedTypes is the file of the types that the schemas share.
const sharedTypes = "types.json"

// schemas adds the JSON Schemas of inputs and outputs: each whole, or, where that is too much, with the types that they
// share in one more file.
func (x *Import) schemas(files map[string][]byte) {
	var names []string
	var types []*schema.Type
	for _, op := range x.Operations {
		names = append(names, op.Name+".input.json", op.Name+".output.json")
		types = append(types, op.Input, op.Output)
	}
	size := 0
	for i, t := range types {
		b := openapi.JSONSchema(t)
		if size += len(b); size > mostSchemas {
			break
		}
		files[path.Join(importSchemas, names[i])] = b
	}
	if size <= mostSchemas {
		return
	}
	shared := sharedTypes
	for slices.Contains(names, shared) {
		shared = "_" + shared
	}
	each, common := openapi.JSONSchemas(types, shared)
	for i, b := range each {
		files[path.Join(importSchemas, names[i])] = b
	}
	files[path.Join(importSchemas, shared)] = common
}

func (op *Operation) sampleFile() []byte {
	if op.Silent {
		return []byte("# It has no answer.\n- status: 202\n")
	}
	b := []byte("# Made up to fit the schema: put in what the system really answers. Cases for some inputs come before, with when:\n")
	b = append(b, "- answer:"...)
	return append(appendYAML(b, op.Sample, 4), '\n')
}

func (x *Import) connector(name string) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Made by \"fondaco import\". What is marked \"review\" is a guess: look at it once.")
	line("connector: %s", name)
	line("version: 1.0.0")
	title := comment(x.Title, 200)
	if title == "" {
		title = x.Service
	}
	line("title: %s", quotedAt(title, len("title: "), 2))
	line("params:")
	for _, p := range x.Params {
		p.write(line)
	}
	line("%s:", x.Protocol)
	for _, f := range x.Fields {
		if text, is := strings.CutPrefix(f, "# "); is {
			note(line, "  # ", text)
			continue
		}
		line("  %s", f)
	}
	if len(x.Missing) > 0 {
		line("  # These addresses are imported and never fetched: put their files into this folder and name them here.")
		line("  # catalog:")
		for _, m := range x.Missing {
			line("  #   %s: xsd/%s", yamlText(m.Address), path.Base(m.Address))
		}
	}
	if len(x.Unreadable) > 0 {
		line("# Left out, since they are not supported or their types cannot be read:")
		for _, one := range x.Unreadable {
			note(line, "#   ", comment(one, 300))
		}
	}
	if slices.ContainsFunc(x.Operations, func(op *Operation) bool {
		_, in := schema.Unsaid(op.Input)
		_, out := schema.Unsaid(op.Output)
		return in || out
	}) {
		line("zone: Europe/Rome # review: what a date and time without an offset means; none if routes are to see it as it is")
	}
	line("operations:")
	for _, op := range x.Operations {
		x.operation(line, op)
	}
	line("samples: %s/", importSamples)
	return []byte(b.String())
}

func (x *Import) operation(line func(string, ...any), op *Operation) {
	line("  %s:", op.Name)
	if op.Wire != "" {
		line("    operation: %s", quotedAt(op.Wire, len("    operation: "), 6))
	}
	if title := comment(op.Title, 300); title != "" {
		line("    title: %s", quotedAt(title, len("    title: "), 6))
	}
	line("    effect: %s # review: guessed from the %s", op.Effect, cmp.Or(op.Guess, "name"))
	if personal := GuessPersonal(&op.Operation); len(personal) > 0 {
		for i, n := range personal {
			personal[i] = yamlKey(n)
		}
		const guessed = " # review: guessed from the names"
		if row := "    personal: [" + strings.Join(personal, ", ") + "]" + guessed; utf8.RuneCountInString(row) <= widest {
			line("%s", row)
		} else {
			line("    personal:%s", guessed)
			for _, n := range personal {
				line("      - %s", n)
			}
		}
	}
	note(line, "    # ", "takes "+comment(op.Input.String(), 300))
	note(line, "    # ", "returns "+comment(op.Output.String(), 300))
	if failure := GuessFailure(op.Output); failure != "" {
		line("    # fails: # review: does a failure come as an answer? Then take the # away.")
		line("    #   - when: %s", failure)
		line("    #     as: refused")
	}
	if len(op.Faults) > 0 {
		note(line, "    # ", "faults that it declares, for fails: "+comment(strings.Join(op.Faults, ", "), 300))
	}
}

// write writes a parameter of the connector: in one line, or, where that is too wide, its comment before it and a line for each
// of its fields.
func (p Param) write(line func(string, ...any)) {
	fields := [][2]string{{"type", "string"}}
	if p.Format != "" {
		fields = append(fields, [2]string{"format", p.Format})
	}
	if p.Secret {
		fields = append(fields, [2]string{"secret", "true"})
	}
	if p.Default != "" {
		fields = append(fields, [2]string{"default", yamlText(p.Default)})
	}
	if p.Doc != "" {
		fields = append(fields, [2]string{"description", yamlText(p.Doc)})
	}
	var parts []string
	for _, f := range fields {
		parts = append(parts, f[0]+": "+f[1])
	}
	row, remark := "  "+p.Name+": { "+strings.Join(parts, ", ")+" }", comment(p.Comment, 300)
	if remark != "" && utf8.RuneCountInString(row)+len(" # ")+utf8.RuneCountInString(remark) <= widest {
		row, remark = row+" # "+remark, ""
	}
	if remark != "" {
		note(line, "  # ", remark)
	}
	if utf8.RuneCountInString(row) <= widest {
		line("%s", row)
		return
	}
	line("  %s:", p.Name)
	for _, f := range fields {
		line("    %s: %s", f[0], brokenAt(f[1], len("    "+f[0]+": "), 6))
	}
}

// comment returns a text in one line of at most so many characters.
func comment(text string, most int) string {
	runes := []rune(strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0xfeff || r == 0x2028 || r == 0x2029
	}), " "))
	if len(runes) > most {
		runes = append(runes[:most-3], '.', '.', '.')
	}
	return string(runes)
}
