package routes

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fondaco/messaging"
)

// What a publish that failed makes of the message that was worked on: it comes again after a pause, no attempt is used
// up, and an event of which nobody knows whether it was kept is no reason to give up: its next publish has the same id.
func TestPublishFails(t *testing.T) {
	for _, c := range []struct {
		err   error
		again bool
	}{
		{errors.New("no broker answers"), true},
		{fmt.Errorf("%w: no answer", messaging.ErrUnknown), true},
		{fmt.Errorf("%w: 2 MiB", messaging.ErrTooLarge), false},
	} {
		if p := problemOf(published(c.err, "t")); !c.again &&
			(p.Title != "Event too large" || p.Status != 422 || !strings.Contains(p.Detail, "1048576")) {
			t.Errorf("a caller is told %d %s: %s", p.Status, p.Title, p.Detail)
		}
		var again *messaging.Retry
		var dead *messaging.Dead
		switch end := verdict(published(c.err, "t"), &shared{}); {
		case c.again && (!errors.As(end, &again) || again.Counts || again.After != topicsPause):
			t.Errorf("%v: %#v; expected a retry after a pause that does not count", c.err, end)
		case !c.again && (!errors.As(end, &dead) || dead.Reason != messaging.TooLarge):
			t.Errorf("%v: %#v; expected a dead letter with the reason too-large", c.err, end)
		}
	}
}
