package connectors_test

import (
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/transform"
)

// TestConstantsAreOfTheDefinition: a constant that a connector reads is part of what its systems are, so that a reload
// with another one opens them anew; one that nothing of it reads is not.
func TestConstantsAreOfTheDefinition(t *testing.T) {
	defined := func(rule, constants string) [32]byte {
		t.Helper()
		var out diag.List
		k := transform.ReadConstants(config.Parse("fondaco.yaml", []byte(constants), &out), &out)
		files := fstest.MapFS{"c/connector.yaml": {Data: []byte("" +
			"connector: c\nversion: 1.0.0\nrest: { endpoint: https://a.example }\n" +
			"operations:\n  leggi:\n    get: /a\n    answer: { type: string }\n    fails:\n" +
			"      - { when: " + rule + ", as: refused }\n")}}
		c := connectors.Load(files, "c", all.Protocols, k, &out, diag.Pos{})
		if out.Failed() {
			t.Fatal(out.Sorted())
		}
		system := &connectors.System{Name: "c", Connector: c}
		return system.Definition()
	}
	const reads, other = "status == project.a", "status == 7"
	if first, again := defined(reads, "{ a: 7 }"), defined(reads, "{ a: 7 }"); first != again {
		t.Error("the same constants make another system")
	}
	if defined(reads, "{ a: 7 }") == defined(reads, "{ a: 8 }") {
		t.Error("another constant that is read makes the same system")
	}
	if defined(other, "{ a: 7 }") != defined(other, "{ a: 8 }") {
		t.Error("another constant that is not read makes another system")
	}
}
