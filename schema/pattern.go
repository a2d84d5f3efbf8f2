package schema

import (
	"fmt"
	"regexp"
	"strings"
)

// CompilePattern compiles a pattern of JSON Schema (ECMA-262) or XML Schema as RE2, which is linear in the text. What
// RE2 has not, look-around and back references, is an error that says so.
func CompilePattern(p string) (*regexp.Regexp, error) {
	for _, c := range []struct{ text, name string }{
		{"(?=", "look-ahead"}, {"(?!", "look-ahead"}, {"(?<=", "look-behind"}, {"(?<!", "look-behind"},
	} {
		if strings.Contains(p, c.text) {
			return nil, fmt.Errorf("the pattern uses %s, which linear matching has not", c.name)
		}
	}
	re, err := regexp.Compile(translate(p))
	if err != nil {
		return nil, fmt.Errorf("the pattern is not a regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

// translate replaces what is written otherwise in RE2.
func translate(p string) string {
	var b strings.Builder
	class := false
	for i := 0; i < len(p); i++ {
		c := p[i]
		if c == '[' && !class {
			class = true
		} else if c == ']' {
			class = false
		}
		if c != '\\' || i+1 == len(p) {
			if c == '[' && class && i > 0 && strings.IndexByte(p[:i], '[') >= 0 && b.Len() > 0 && inClass(p, i) {
				b.WriteString(`\[`)
				continue
			}
			b.WriteByte(c)
			continue
		}
		i++
		switch p[i] {
		case 'i': // XML Schema: the first character of a name
			b.WriteString(set(class, `\pL_:`))
		case 'c': // and the others
			b.WriteString(set(class, `\pL\pN_:.\-`))
		case 'h': // Java: horizontal white space
			b.WriteString(set(class, ` \t`))
		case 'd':
			b.WriteString(set(class, `0-9`))
		case 'u':
			if i+4 < len(p) {
				b.WriteString(`\x{` + p[i+1:i+5] + `}`)
				i += 4
			}
		case '/', '-', '@', '#', '\'', '"', '%', '&', ',', ':', ';', '<', '=', '>', '!', '~', '`', '_', ' ':
			if p[i] == '-' {
				b.WriteByte('\\')
			}
			b.WriteByte(p[i])
		default:
			b.WriteByte('\\')
			b.WriteByte(p[i])
		}
	}
	return b.String()
}

// inClass tells whether the bracket at i stands inside a class that an earlier one opened.
func inClass(p string, i int) bool {
	open := false
	for j := 0; j < i; j++ {
		switch {
		case p[j] == '\\':
			j++
		case p[j] == '[':
			open = true
		case p[j] == ']':
			open = false
		}
	}
	return open
}

func set(class bool, members string) string {
	if class {
		return members
	}
	return "[" + members + "]"
}
