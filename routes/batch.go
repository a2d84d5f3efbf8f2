package routes

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"fondaco/messaging"
	"fondaco/schema"
	"fondaco/store"
	"fondaco/transform/codec"
)

// batchMarks is the field of a batch that says of whom each of its messages speaks: their marks in the order of the messages,
// with commas between. It is left out where nobody is known.
const batchMarks = "marks"

var personalText = schema.TypeText.AsPersonal()

// mostMarks is how long the marks of one message are that stand in a batch: those of a caller, who has a subject and a fiscal code.
const mostMarks = 2*32 + 1

// markOf returns the marks of a message as they stand in a batch: none where they are not ours.
func markOf(m store.Marks) string {
	if len(m) > mostMarks || strings.Trim(string(m), "0123456789abcdef ") != "" {
		return ""
	}
	return string(m)
}

// withMarks returns a batch that says of whom its messages speak. The batch as a whole bears the marks of all of them.
func withMarks(m messaging.Message, of []store.Marks) messaging.Message {
	each := make([]string, len(of))
	var all []string
	for i, one := range of {
		each[i] = markOf(one)
		all = append(all, strings.Fields(each[i])...)
	}
	if len(all) == 0 {
		return m
	}
	m.Body = append(bytes.TrimSuffix(m.Body, []byte("}")), `,"`+batchMarks+`":`...)
	m.Body = append(codec.AppendJSON(m.Body, schema.Text(strings.Join(each, ","))), '}')
	slices.Sort(all)
	bears := messaging.Attribute{Name: ExtensionMarks, Value: strings.Join(slices.Compact(all), " ")}
	m.Extensions = append(slices.Clone(m.Extensions), bears)
	slices.SortFunc(m.Extensions, func(a, b messaging.Attribute) int { return strings.Compare(a.Name, b.Name) })
	return m
}

// SplitBatch divides a batch of a route with collect into the messages that bear a mark and the others. A part without messages is
// nil. ok is false where m is no batch, or does not say of whom its messages speak. Both parts have the id and the key of m.
func SplitBatch(m messaging.Message, mark store.Marks) (part, rest *messaging.Message, ok bool) {
	if m.Type != batchEvent || mark == "" {
		return nil, nil, false
	}
	var body struct {
		Key      json.RawMessage
		Messages []json.RawMessage
		Marks    *string
	}
	if err := json.Unmarshal(m.Body, &body); err != nil || body.Marks == nil {
		return nil, nil, false
	}
	each := strings.Split(*body.Marks, ",")
	if len(each) != len(body.Messages) {
		return nil, nil, false
	}
	cut := func(bears bool) *messaging.Message {
		var list []json.RawMessage
		var of []store.Marks
		for i, one := range each {
			if slices.Contains(strings.Fields(one), string(mark)) == bears {
				list, of = append(list, body.Messages[i]), append(of, store.Marks(one))
			}
		}
		if len(list) == 0 {
			return nil
		}
		x := m
		x.Body = append(append([]byte(`{"key":`), body.Key...), `,"messages":[`...)
		x.Body = append(append(x.Body, bytes.Join(raw(list), []byte(","))...), "]}"...)
		x.Extensions = slices.DeleteFunc(slices.Clone(m.Extensions), func(a messaging.Attribute) bool { return a.Name == ExtensionMarks })
		x = withMarks(x, of)
		return &x
	}
	return cut(true), cut(false), true
}

func raw(list []json.RawMessage) [][]byte {
	all := make([][]byte, len(list))
	for i := range list {
		all[i] = list[i]
	}
	return all
}
