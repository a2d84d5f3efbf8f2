package codec

import (
	"fmt"
	"strings"
	"testing"
)

// What Canonical XML needs to know is told as it came: prefixes of elements and attributes, and declarations in order.
func TestPrefixes(t *testing.T) {
	const doc = `<a xmlns="u" xmlns:q="v" x="1" q:y="2" xml:lang="it"><q:b xmlns:z="v" z:y="3" n="4" q:m="5" xmlns=""/><c/></a>`
	s := NewXMLScanner([]byte(doc), XMLOptions{})
	var got strings.Builder
	for {
		kind, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		if kind == XMLEOF {
			break
		}
		_, local := s.Name()
		fmt.Fprintf(&got, "%d %s:%s", kind, s.Prefix(), local)
		if kind == XMLStart {
			fmt.Fprint(&got, " ", s.AttrPrefixes())
			s.Declared(func(prefix, space string) { fmt.Fprintf(&got, " %s=%s", prefix, space) })
		}
		got.WriteByte('\n')
	}
	const want = "1 :a [q xml] =u q=v\n1 q:b [z q] z=v =\n2 q:b\n1 :c []\n2 :c\n2 :a\n"
	if got.String() != want {
		t.Errorf("got  %q\nwant %q", got.String(), want)
	}
}
