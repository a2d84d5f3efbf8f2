package config

import (
	"encoding/json"
	"reflect"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestYAML: what is written reads back as what it was, in the order it had, and texts stay texts.
func TestYAML(t *testing.T) {
	const doc = `{"z": "1.0", "a": [1.50, 2, true, null, "yes", "NO", "12:30:45", "true", "null", "~", "", " x", "a: b", "# c", "é\n\"q\"\n", "2024-01-02"], "$ref": "#/a/b", "deep": [{"x": {}}, [], {"1": "0x1f"}], "on": 0.10}`
	got, err := YAML([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	var back, want any
	if err := yaml.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(doc), &want); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(back)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(plain, want) {
		t.Errorf("found %s\nexpected %v", got, want)
	}
	const shown = `z: "1.0"
a:
  - 1.50
  - 2
  - true
  - null
  - "yes"
  - "NO"
  - "12:30:45"
`
	if string(got[:min(len(got), len(shown))]) != shown {
		t.Errorf("found\n%s", got)
	}
	if _, err := YAML([]byte(`{"a": `)); err == nil {
		t.Error("half a document was taken")
	}
}
