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

// TakeApart takes a batch of a route with collect apart: into its messages, each with the marks of whom it speaks, and the rest of it,
// which is of nobody. ok is false where m is no batch, or does not say of whom its messages speak. See PutTogether.
func TakeApart(m messaging.Message) (rest messaging.Message, parts []messaging.Part, ok bool) {
	if m.Type != batchEvent {
		return m, nil, false
	}
	var body struct {
		Key      json.RawMessage
		Messages []json.RawMessage
		Marks    *string
	}
	if err := json.Unmarshal(m.Body, &body); err != nil || body.Marks == nil {
		return m, nil, false
	}
	each := strings.Split(*body.Marks, ",")
	if len(each) != len(body.Messages) {
		return m, nil, false
	}
	for i, one := range each {
		parts = append(parts, messaging.Part{Marks: one, Body: body.Messages[i]})
	}
	m.Body = append(append([]byte(`{"key":`), body.Key...), `,"messages":[`...)
	m.Extensions = slices.DeleteFunc(slices.Clone(m.Extensions), func(a messaging.Attribute) bool { return a.Name == ExtensionMarks })
	return m, parts, true
}

// PutTogether makes a batch of what TakeApart returned, or of some of the messages, in their order. It has the id and the key of the
// whole.
func PutTogether(rest messaging.Message, parts []messaging.Part) messaging.Message {
	bodies, of := make([][]byte, len(parts)), make([]store.Marks, len(parts))
	for i, one := range parts {
		bodies[i], of[i] = one.Body, store.Marks(one.Marks)
	}
	rest.Body = append(append(slices.Clone(rest.Body), bytes.Join(bodies, []byte(","))...), "]}"...)
	return withMarks(rest, of)
}

// SplitBatch divides a batch of a route with collect into the messages that bear a mark and the others. A part without messages is
// nil. ok is false where m is no batch, or does not say of whom its messages speak. Both parts have the id and the key of m.
func SplitBatch(m messaging.Message, mark store.Marks) (part, others *messaging.Message, ok bool) {
	rest, parts, ok := TakeApart(m)
	if !ok || mark == "" {
		return nil, nil, false
	}
	cut := func(bears bool) *messaging.Message {
		list := slices.DeleteFunc(slices.Clone(parts), func(one messaging.Part) bool {
			return slices.Contains(strings.Fields(one.Marks), string(mark)) != bears
		})
		if len(list) == 0 {
			return nil
		}
		x := PutTogether(rest, list)
		return &x
	}
	return cut(true), cut(false), true
}
