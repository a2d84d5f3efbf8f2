package messaging

import (
	"strconv"
	"strings"
)

// Place is where a record stands in the log of its topic. No two records have the same one, whatever their producers
// call them; a record has it for as long as it exists. The zero value is that of a broker that knows none.
type Place struct {
	Log       string // which log: on Kafka the topic's id, which another topic of the same name does not have; else ""
	Partition int32
	Offset    int64 // on embedded topics the record's number, from 1
}

// String returns the place as letters and inboxes know it, "" for the zero value.
func (p Place) String() string {
	if p == (Place{}) {
		return ""
	}
	return p.Log + "/" + strconv.Itoa(int(p.Partition)) + "/" + strconv.FormatInt(p.Offset, 10)
}

// Identity is what tells a message's repetitions from other messages of its topic: source and id, joined by a space
// (CloudEvents 1.0.2: together they are one event's). A message without an id is known by its place alone, or by the
// letter whose replay it is, as two of them have nothing else that tells them apart.
func (m Message) Identity() string {
	switch {
	case m.ID != "":
	case m.Replay.Letter != "":
		return "letter " + m.Replay.Letter
	case m.Place != (Place{}):
		return m.Place.String()
	}
	if strings.ContainsRune(m.Source, ' ') { // no attribute holds a control character: no other source and id read the same
		return m.Source + "\t" + m.ID
	}
	return m.Source + " " + m.ID
}
