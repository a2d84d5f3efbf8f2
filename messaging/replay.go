package messaging

import (
	"strconv"
	"strings"
)

// Replay says that a message is the replay of a dead letter: it is meant for the group where it died, and the others of
// its topic pass over it. The zero value is that of every other message.
type Replay struct {
	Letter string // the letter's id
	Group  string // for which it is meant
	Number int    // 1 for the letter's first replay
}

// ReplayHeader carries a Replay. It is no attribute of CloudEvents, so that other readers of a topic see the event as it
// was. Whoever forges it only says that his own message is meant for one group.
const ReplayHeader = "fondaco_replay"

// String returns the replay as the header has it.
func (r Replay) String() string { return r.Letter + " " + strconv.Itoa(r.Number) + " " + r.Group }

// key is what a replay travels under whose message has no key: a replay that a crash has published twice comes to one
// worker after the other, and the second finds the id in the inbox. "" for the zero value.
func (r Replay) key() string {
	if r.Letter == "" {
		return ""
	}
	return "letter " + r.Letter
}

// check reports whether r can be written and read back.
func (r Replay) check() bool {
	return r == (Replay{}) || r == readReplay(r.String())
}

// readReplay reads String back; the zero value is returned for what String did not write.
func readReplay(text string) Replay {
	parts := strings.Split(text, " ")
	if len(parts) != 3 || parts[0] == "" || len(parts[0]) > 64 || CheckName(parts[2]) != nil {
		return Replay{}
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil || n < 1 || n > 1_000_000 {
		return Replay{}
	}
	return Replay{parts[0], parts[2], n}
}

// elsewhere reports whether the message is a replay that is meant for another group.
func (m Message) elsewhere(group string) bool { return m.Replay.Group != "" && m.Replay.Group != group }
