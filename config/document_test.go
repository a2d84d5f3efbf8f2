package config

import (
	"fmt"
	"strings"
	"testing"

	"fondaco/config/diag"
)

func TestParseDocumentPlaces(t *testing.T) {
	for _, src := range []string{"a:\n  - x: 1\n    ù: 'si'\n", "{\"a\":\n  [ {\"x\": 1,\n\t\"ù\": \"si\"}]}"} {
		var out diag.List
		n := ParseDocument("f", []byte(src), &out)
		if n == nil {
			t.Fatal(out.Sorted())
		}
		item := n.Get("a").Items[0]
		got := fmt.Sprint(item.Get("x").Kind == NodeInt, item.Get("ù").Text.Value, " ", item.Get("x").Pos(), " ", item.Entries[1].Key.Pos, " ",
			item.Get("ù").Pos())
		want := "true" + "si f:2:8 f:3:5 f:3:8"
		if src[0] == '{' {
			want = "truesi f:2:11 f:3:2 f:3:7"
		}
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestParseDocumentAnchors(t *testing.T) {
	var out diag.List
	n := ParseDocument("f", []byte("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\n"), &out)
	if n == nil || n.Get("b").Get("x").Text.Value != "1" || n.Get("b").Get("y").Text.Value != "3" || n.Get("c") != n.Get("a") {
		t.Error("anchors are not read ", out.Sorted())
	}
}

func TestParseDocumentBounds(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 9; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	for src, want := range map[string]string{
		"":            "the document cannot be read: it is empty",
		"a: &a [*a]":  "the document cannot be read: an alias stands inside of what it repeats",
		bomb.String(): "the document cannot be read: it is larger than 500000 nodes, aliases counted",
		strings.Repeat("[", 300) + strings.Repeat("]", 300): "the document cannot be read: it is nested deeper than 200 levels",
	} {
		var out diag.List
		if n := ParseDocument("f", []byte(src), &out); n != nil || out.Len() != 1 || out.Sorted()[0].Message != want {
			t.Errorf("got %v, want %s", out.Sorted(), want)
		}
	}
}
