// Package callback tells callers how what they asked for has ended, at the address that they gave (ModI,
// NONBLOCK_PUSH_REST): which addresses are admitted, the message that waits until it is told, and the telling.
//
// What is told is a message of its own, on a topic of the engine's: it is kept before the request that it speaks of is
// finished, comes again until it was heard or its attempts are used up, and changes nothing of the operation.
package callback

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"fondaco/messaging"
	"fondaco/store"
)

// Topic is where the ends that are to be told wait. No route has such a name: theirs hold no "_".
const Topic = "fondaco.reply_to"

// Type is the CloudEvents type of such a message.
const Type = "fondaco.operation.ended"

// Ended is what the message says: how an operation ended. Address and answer stay with the operation.
type Ended struct {
	Operation string               `json:"operation"`
	Route     string               `json:"route"`
	State     store.OperationState `json:"state"` // done or failed
	// the number of the end, of which an operation that is replayed has several; 1 if absent
	End int `json:"end,omitempty"`
}

// Message makes the message; traceparent may be "". Of one operation, state and number of the end it is always the same
// message, and of another another one: its id is the Idempotency-Key under which the end is told.
func (e Ended) Message(traceparent string, now time.Time) messaging.Message {
	id := e.Operation + "-" + string(e.State)
	if e.End > 1 {
		id += "-" + strconv.Itoa(e.End)
	} else {
		e.End = 0
	}
	body, _ := json.Marshal(e)
	m := messaging.Message{
		ID: id, Key: e.Operation, Type: Type, Source: "/fondaco/" + e.Route, Time: now,
		ContentType: "application/json", Body: body,
	}
	if traceparent != "" {
		m.Extensions = []messaging.Attribute{{Name: "traceparent", Value: traceparent}}
	}
	return m
}

// Read takes up what Message has made.
func Read(m messaging.Message) (Ended, error) {
	var e Ended
	if err := json.Unmarshal(m.Body, &e); err != nil || e.Operation == "" || e.Route == "" || !e.State.Ended() {
		return e, errors.New("what was kept of an operation's end cannot be read")
	}
	e.End = max(e.End, 1)
	return e, nil
}
