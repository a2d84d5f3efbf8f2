package routes

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/store"
)

// TestSplitBatch: a batch is divided by person with its id and key kept, also one of a thousand persons, which can be published; marks
// that are none of ours stand in no batch, and one that says nothing of persons is not divided.
func TestSplitBatch(t *testing.T) {
	c := &Collector{Route: "digest", Topic: "fondaco.digest", source: "/fondaco/p/digest", program: &Program{now: time.Now}}
	mark := func(name string) store.Marks { return store.MarkOf([]byte("k"), name) }
	batch := func(of ...store.Marks) messaging.Message {
		t.Helper()
		taken := store.Taken{Collection: store.Collection{Route: "digest", Key: `k"1`}, Marks: of}
		for i := range of {
			taken.Bodies = append(taken.Bodies, []byte(fmt.Sprintf(`{"id":"%d","n":1.50}`, i)))
		}
		list := c.batches(taken, 1000)
		if len(list) != 1 {
			t.Fatalf("%d batches", len(list))
		}
		plain := taken
		if plain.Marks = nil; c.batches(plain, 1000)[0].ID != list[0].ID {
			t.Error("the id depends on the marks")
		}
		return list[0]
	}
	ids := func(m *messaging.Message) string {
		if m == nil {
			return "none"
		}
		var body struct {
			Key      string
			Messages []struct {
				ID string
				N  json.Number
			}
		}
		if err := json.Unmarshal(m.Body, &body); err != nil || body.Key != `k"1` || m.Key != `k"1` {
			t.Errorf("%v: %s", err, m.Body)
		}
		text := ""
		for _, one := range body.Messages {
			if text += one.ID; one.N != "1.50" {
				t.Errorf("a number became %s", one.N)
			}
		}
		return text
	}
	rosa, bice := mark("rosa"), mark("bice")
	both := store.Marks(string(rosa) + " " + string(bice))
	m := batch(rosa, bice, "", both, store.Marks(`x","`))
	for who, want := range map[store.Marks][2]string{rosa: {"03", "124"}, bice: {"13", "024"}, mark("nobody"): {"none", "01234"}} {
		part, rest, ok := SplitBatch(m, who)
		if !ok || ids(part) != want[0] || ids(rest) != want[1] || rest.ID != m.ID {
			t.Errorf("divided into %s and %s, expected %v", ids(part), ids(rest), want)
		}
		if strings.Contains(rest.Extension(ExtensionMarks), string(who)) || strings.Contains(string(rest.Body), string(who)) {
			t.Error("the rest bears the mark")
		}
		if part != nil && !strings.Contains(part.Extension(ExtensionMarks), string(who)) {
			t.Error("the part does not bear the mark")
		}
	}
	if part, rest, ok := SplitBatch(batch(rosa, rosa), rosa); !ok || rest != nil || ids(part) != "01" {
		t.Errorf("of one person: %s and %s", ids(part), ids(rest))
	}
	_, left, _ := SplitBatch(m, rosa)
	if part, rest, ok := SplitBatch(*left, bice); !ok || ids(part) != "1" || ids(rest) != "24" || rest.Extension(ExtensionMarks) != "" {
		t.Errorf("divided again: %s and %s", ids(part), ids(rest))
	}
	var many []store.Marks
	for i := range mostCollected {
		many = append(many, store.MarksOf([]byte("k"), fmt.Sprint("s", i), fmt.Sprint("c", i)))
	}
	if m = batch(many...); len(m.Extension(ExtensionMarks)) < messaging.MaxHeaders {
		t.Error("a thousand persons fit into the headers")
	}
	if err := m.Check(0); err != nil {
		t.Error("a batch of a thousand persons cannot be published:", err)
	}
	if read, flaw := messaging.Read(m.Headers(), m.Body, time.Now()); flaw != nil ||
		read.Extension(ExtensionMarks) != m.Extension(ExtensionMarks) {
		t.Error("nor read:", flaw)
	}
	if part, rest, ok := SplitBatch(m, store.MarkOf([]byte("k"), "c7")); !ok || ids(part) != "7" ||
		strings.Contains(string(rest.Body), `"id":"7"`) || strings.Count(string(rest.Body), `"id":`) != mostCollected-1 {
		t.Errorf("of a thousand: %s", ids(part))
	}
	if tr := TraceOfMessage(m); tr.Marks != nil {
		t.Error("what follows from a batch bears the marks of all")
	}
	m = batch("", "")
	if _, _, ok := SplitBatch(m, rosa); ok || strings.Contains(string(m.Body), batchMarks) {
		t.Error("a batch of nobody was divided")
	}
}
