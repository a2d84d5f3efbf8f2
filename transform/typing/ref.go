package typing

import (
	"path"
	"strconv"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
)

// ref follows a reference to a file of the project, a place in one, or a place in the file that is being read:
// schemas/x.yaml, schemas/x.yaml#/$defs/y, #/$defs/y. Words beside it count too, as personal or description.
func (r *Reader) ref(n, ref *config.Node, also []string) *schema.Type {
	r.unknown(n, "", also)
	file, place, _ := strings.Cut(ref.Text.Value, "#")
	if file == "" {
		file = r.file
	}
	if file == "" || strings.Contains(file, "://") {
		ref.Report(r.out, diag.BadReference, "found %q, expected a file of the project", ref.Text.Value).
			WithHint("for example schemas/segnalazione.yaml")
		return schema.TypeUnknown
	}
	t := r.named(path.Clean(file), place, ref)
	beside := &schema.Type{}
	r.common(n, beside)
	if !beside.Nullable && !beside.Personal && beside.Doc == "" {
		return t
	}
	return r.vary(t, func(c *schema.Type) {
		c.Nullable, c.Personal = c.Nullable || beside.Nullable, c.Personal || beside.Personal
		if beside.Doc != "" {
			c.Doc = beside.Doc
		}
	})
}

// Named returns the type that a reference names: a file of the project, or a place in one. What is wrong is reported where it stands.
func (r *Reader) Named(ref config.Text) *schema.Type {
	return r.ref(&config.Node{Kind: config.NodeMap}, &config.Node{Kind: config.NodeText, Text: ref}, nil)
}

// vary returns a changed copy of t; of one that is still being read, a copy that will be right when it has been read.
func (r *Reader) vary(t *schema.Type, change func(*schema.Type)) *schema.Type {
	c := *t
	change(&c)
	if later, reading := r.later[t]; reading {
		r.later[t] = append(later, func() {
			c = *t
			change(&c)
		})
	}
	return &c
}

// named returns the type at a place of a file. While it is being read it is there already, for those that refer to
// themselves.
func (r *Reader) named(file, place string, ref *config.Node) *schema.Type {
	key := file + "#" + place
	if t := r.types[key]; t != nil {
		return t
	}
	t := &schema.Type{Kind: schema.KindUnknown, Nullable: true}
	r.types[key] = t
	root, known := r.files[file]
	if !known {
		root = r.read(file, ref.Pos())
		r.files[file] = root
	}
	if root == nil {
		return t
	}
	target, name := root, strings.TrimSuffix(path.Base(file), path.Ext(file))
	if place != "" && place != "/" {
		if target, name = find(root, place); target == nil {
			ref.Report(r.out, diag.BadReference, "%s has nothing at %q", file, place)
			return t
		}
	}
	r.later[t] = nil
	outer := r.file
	r.file = file
	read := r.Read(target)
	r.file = outer
	if _, reading := r.later[read]; reading {
		ref.Report(r.out, diag.BadReference, "%q refers to itself alone", ref.Text.Value)
		delete(r.later, t)
		return t
	}
	*t = *read
	if t.Name == "" {
		t.Name = name
	}
	t.Seal()
	for _, finish := range r.later[t] {
		finish()
	}
	delete(r.later, t)
	return t
}

// find follows a JSON Pointer and returns what stands there and under which name.
func find(n *config.Node, place string) (*config.Node, string) {
	name := ""
	for _, part := range strings.Split(strings.Trim(place, "/"), "/") {
		if part == "" {
			continue
		}
		name = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		if i, err := strconv.Atoi(name); err == nil && n.Is(config.NodeList) && i >= 0 && i < len(n.Items) {
			n = n.Items[i]
			continue
		}
		if n = n.Get(name); n == nil {
			return nil, ""
		}
	}
	return n, name
}
