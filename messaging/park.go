package messaging

import (
	"time"

	"fondaco/messaging/parking"
)

// Parking is what a message waits for that is put aside.
type Parking struct {
	On    string    // the system or the operation, as "crm" or "crm.create"; "" for none
	Until time.Time // when it may be tried
	By    time.Time // when the message comes in any case; zero for never
}

// Park says that the Nack that follows gives the message back because it waits for a system that is down. A broker that
// is a Parker then puts it aside, with the later messages of its key behind it and without counting it as given out:
// when the system may be tried one of those that wait for it comes, when that one is acked, or nacked with an attempt
// used up, the others follow in the order of their keys and of the log, and when one is nacked with Park the rest waits
// on. Other brokers go by Defer. An Ack after Park says that the message ended without the system having been tried.
func Park(e *Envelope, p Parking) {
	if c, ours := e.Context().Value(controlKey{}).(*control); ours {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.parking = p
	}
}

// Parks tells a broker what Park said of a message that was acked or nacked; the zero value if it said nothing.
func Parks(e *Envelope) Parking {
	c, ours := e.Context().Value(controlKey{}).(*control)
	if !ours {
		return Parking{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.parking
}

// Need is what a message waits for by a pause of its own: a system that was away when it was tried. It comes sooner when
// that is known to answer again.
type Need = parking.Need

// Await says that the Nack that follows gives the message back because a system was away for it alone: it comes again as
// Defer says, or sooner, when a Parker is told that the system answers again.
func Await(e *Envelope, n Need) {
	if c, ours := e.Context().Value(controlKey{}).(*control); ours {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.need = n
	}
}

// Awaits tells a broker what Await said of a message that was nacked; the zero value if it said nothing.
func Awaits(e *Envelope) Need {
	c, ours := e.Context().Value(controlKey{}).(*control)
	if !ours {
		return Need{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.need
}

// Parker is a broker that does as Park and Await say.
type Parker interface {
	// Answers says that a system or an operation, as "crm" or "crm.create", has just answered well that had failed before:
	// messages that wait for it by pauses of their own come soon. It does not wait.
	Answers(on string)
	// Parked says of each topic and group how many messages this process has put aside for which system, those behind
	// them not counted.
	Parked() []Parked
}

// Parked says how many messages of a group wait for a system or an operation.
type Parked struct {
	Topic, Group string
	On           string
	Messages     int
}
