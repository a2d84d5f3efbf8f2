package routes_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// Anything is the text that stands for any value; as the last item of a list it stands for the rest, and as a key of an
// object for the fields that are not named.
const Anything = "..."

// MatchJSON compares a JSON text with an expected one, in which ... may stand for what varies. Objects have no order,
// numbers are compared by value. It returns the differences, each with its place; none if there are none.
func MatchJSON(expected, found string) []string {
	want, err := parseJSON(ellipses(expected))
	if err != nil {
		return []string{"the expected body is not JSON: " + err.Error()}
	}
	got, err := parseJSON(found)
	if err != nil {
		return []string{fmt.Sprintf("the body is not JSON: %v: %s", err, found)}
	}
	return match("", want, got, nil)
}

func parseJSON(text string) (any, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the value")
	}
	return v, nil
}

// ellipses makes JSON of a text with bare ... in it.
func ellipses(text string) string {
	var b strings.Builder
	var open []byte
	last, quoted := byte(0), false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted:
			b.WriteByte(c)
			if c == '\\' && i+1 < len(text) {
				i++
				b.WriteByte(text[i])
			} else if c == '"' {
				quoted = false
			}
			continue
		case c == '"':
			quoted = true
		case strings.HasPrefix(text[i:], Anything):
			b.WriteString(`"..."`)
			if len(open) > 0 && open[len(open)-1] == '{' && (last == '{' || last == ',') {
				b.WriteString(`:0`)
			}
			i, last = i+2, 'v'
			continue
		case c == '{' || c == '[':
			open = append(open, c)
		case (c == '}' || c == ']') && len(open) > 0:
			open = open[:len(open)-1]
		}
		if c > ' ' {
			last = c
		}
		b.WriteByte(c)
	}
	return b.String()
}

// match compares two values of encoding/json and adds the differences to list.
func match(path string, want, got any, list []string) []string {
	if want == Anything {
		return list
	}
	differ := func() []string {
		return append(list, fmt.Sprintf("%s: found %s, expected %s", place(path), text(got), text(want)))
	}
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return differ()
		}
		for _, name := range sortedKeys(want) {
			if name == Anything {
				continue
			}
			if field, there := object[name]; there {
				list = match(path+"/"+name, want[name], field, list)
			} else {
				list = append(list, fmt.Sprintf("%s: not there, expected %s", place(path+"/"+name), text(want[name])))
			}
		}
		if _, rest := want[Anything]; !rest {
			for _, name := range sortedKeys(object) {
				if _, there := want[name]; !there {
					list = append(list, fmt.Sprintf("%s: found %s, expected nothing", place(path+"/"+name), text(object[name])))
				}
			}
		}
		return list
	case []any:
		items, ok := got.([]any)
		if !ok {
			return differ()
		}
		if n := len(want); n > 0 && want[n-1] == Anything && len(items) >= n-1 {
			want, items = want[:n-1], items[:n-1]
		}
		if len(items) != len(want) {
			return append(list, fmt.Sprintf("%s: found %d items, expected %d: %s", place(path), len(items), len(want), text(got)))
		}
		for i := range want {
			list = match(fmt.Sprintf("%s/%d", path, i), want[i], items[i], list)
		}
		return list
	case json.Number:
		if n, ok := got.(json.Number); !ok || !sameNumber(want, n) {
			return differ()
		}
		return list
	}
	if want != got {
		return differ()
	}
	return list
}

func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	x, ok := new(big.Rat).SetString(string(a))
	y, fine := new(big.Rat).SetString(string(b))
	return ok && fine && x.Cmp(y) == 0
}

func place(path string) string {
	if path == "" {
		return "body"
	}
	return "body " + path
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
