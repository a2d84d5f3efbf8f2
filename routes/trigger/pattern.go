package trigger

import (
	"regexp"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
)

// Methods are the HTTP methods that a route may answer. HEAD and OPTIONS are the server's.
var Methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}

// Pattern is what "http: GET /multe/{numero}" says: a method and a path whose holes fill whole segments.
type Pattern struct {
	Method   string
	Path     string // as written, as OpenAPI has it
	Segments []Segment
	Pos      diag.Pos
	Broken   bool // something is wrong with it, which is reported: its holes are those that were most likely meant
}

// Segment is one part of a path: fixed text, or a hole that takes any text but the empty one.
type Segment struct {
	Text string // the fixed text, or the hole's name
	Hole bool
}

// maxSegments is how many segments a path may have.
const maxSegments = 100

// ParsePattern reads a method and a path; what is wrong goes to out, and the pattern is then the part understood.
func ParsePattern(t config.Text, out *diag.List) Pattern {
	before := out.Len()
	p := parsePattern(t, out)
	p.Broken = out.Len() > before
	return p
}

func parsePattern(t config.Text, out *diag.List) Pattern {
	p := Pattern{Pos: t.Pos}
	method, path, found := strings.Cut(t.Value, " ")
	start := len(method) + 1
	if !found || path == "" || path[0] != '/' {
		problem := out.Report(diag.BadRoute, t.Pos, "found %q, expected a method and a path, as GET /multe/{numero}", t.Value).
			WithLen(len(t.Value))
		if strings.HasPrefix(t.Value, "/") {
			switch words := strings.Fields(t.Value); {
			case len(words) == 1:
				problem.WithHint("write GET %s, if it is a GET", t.Value)
			case len(words) == 2 && slices.Contains(Methods, strings.ToUpper(words[1])):
				problem.WithHint("write %s %s", strings.ToUpper(words[1]), words[0])
			}
			for _, part := range strings.Split(t.Value[1:], "/") {
				p.Segments = append(p.Segments, meant(part))
			}
		}
		return p
	}
	if !slices.Contains(Methods, method) {
		problem := out.Report(diag.BadRoute, t.Pos, "found the method %q, expected one of %s", method, strings.Join(Methods, " ")).
			WithLen(len(method))
		if up := strings.ToUpper(method); slices.Contains(Methods, up) {
			problem.WithHint("did you mean %q?", up)
		}
	}
	p.Method, p.Path = method, path
	if path == "/" {
		return p
	}
	if n := strings.Count(path, "/"); n > maxSegments {
		out.Report(diag.BadRoute, t.Pos, "the path has %d segments, expected at most %d", n, maxSegments)
		return p
	}
	offset := start + 1
	for _, part := range strings.Split(path[1:], "/") {
		p.Segments = append(p.Segments, segment(t, offset, part, p.Segments, out))
		offset += len(part) + 1
	}
	return p
}

func segment(t config.Text, offset int, part string, before []Segment, out *diag.List) Segment {
	wrong := func(format string, args ...any) Segment {
		p := out.Report(diag.BadRoute, t.At(offset), format, args...).WithLen(len(part))
		was := meant(part)
		switch name, query, _ := strings.Cut(part, "?"); {
		case query != "":
			p.WithHint("write %s, and declare what follows ? under query:", name)
		case was.Hole && part[0] == '{' && strings.Contains(part, ":"):
			p.WithHint("write {%s}, and what its values look like under path: { %s: { type: string, pattern: … } }", was.Text, was.Text)
		case was.Hole && part != "{"+was.Text+"}":
			p.WithHint("write {%s}", was.Text)
		}
		return was
	}
	if name, hole := strings.CutPrefix(part, "{"); hole {
		name, closed := strings.CutSuffix(name, "}")
		if !closed || !Identifier(name) {
			return wrong("found %q, expected a hole that is a whole segment with a name of letters, digits and _, as {numero}", part)
		}
		if slices.Contains(before, Segment{Text: name, Hole: true}) {
			return wrong("the path has two holes named %q", name)
		}
		return Segment{Text: name, Hole: true}
	}
	switch {
	case part == "":
		return wrong("the path has an empty segment; it neither ends with / nor has //")
	case part == "." || part == "..":
		return wrong("the path has the segment %q", part)
	case strings.ContainsFunc(part, func(r rune) bool { return !plain(r) }):
		return wrong("found the segment %q, expected letters, digits, - . _ ~, or a hole as {numero}", part)
	}
	return Segment{Text: part}
}

// otherHole finds the name of a hole as other systems write it: :id, <int:id>, {id:[0-9]+}, ${id}.
var otherHole = regexp.MustCompile(`^(?::|\$?\{|<(?:\w+:)?)(\w+)`)

// meant returns what a segment that is none was most likely meant for.
func meant(part string) Segment {
	if m := otherHole.FindStringSubmatch(part); m != nil && Identifier(m[1]) {
		return Segment{Text: m[1], Hole: true}
	}
	return Segment{Text: part}
}

func plain(r rune) bool {
	return r < 0x80 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("-._~", r))
}

// Identifier reports whether name is letters, digits and _, and begins with none of the digits.
func Identifier(name string) bool {
	for i, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

// Holes lists the names of the holes, in their order.
func (p Pattern) Holes() []string {
	var names []string
	for _, s := range p.Segments {
		if s.Hole {
			names = append(names, s.Text)
		}
	}
	return names
}
