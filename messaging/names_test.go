package messaging_test

import (
	"strings"
	"testing"

	"fondaco/messaging"
)

// TestNames: what is the project's own bears its name on a shared broker, what it declares does not.
func TestNames(t *testing.T) {
	n := messaging.Names{Project: "dime"}
	for _, c := range []struct{ topic, group, wantTopic, wantGroup string }{
		{"fondaco.segnala", "fondaco", "fondaco.dime.segnala", "fondaco.dime.segnala.work"},
		{"fondaco.reply_to", "fondaco", "fondaco.dime.reply_to", "fondaco.dime.reply_to.work"},
		{"crm.ticket", "segnala", "crm.ticket", "fondaco.dime.segnala"}, // of a route that collects, beside its batches
		{"crm.ticket", "avvisa", "crm.ticket", "fondaco.dime.avvisa"},
		{"fondacone", "g", "fondacone", "fondaco.dime.g"},
	} {
		if got := n.Topic(c.topic); got != c.wantTopic {
			t.Errorf("topic %s is %s, expected %s", c.topic, got, c.wantTopic)
		}
		if got := n.Group(c.topic, c.group); got != c.wantGroup {
			t.Errorf("group %s of %s is %s, expected %s", c.group, c.topic, got, c.wantGroup)
		}
		if got := (messaging.Names{}).Topic(c.topic) + " " + (messaging.Names{}).Group(c.topic, c.group); got != c.topic+" "+c.group {
			t.Errorf("without a project: %s", got)
		}
	}
	a, b := n.Topic("fondaco."+strings.Repeat("x", 200)+"a"), n.Topic("fondaco."+strings.Repeat("x", 200)+"b")
	if a == b || messaging.CheckName(a) != nil || messaging.CheckName(b) != nil {
		t.Errorf("long names: %s, %s", a, b)
	}
}
