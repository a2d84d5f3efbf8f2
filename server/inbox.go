package server

import (
	"context"
	"strings"

	"fondaco/messaging"
	"fondaco/store"
)

// operationInbox knows accepted requests as finished by their operations, which say so durably before the message is
// acked, and cancelled ones likewise; what has no operation here, or one that failed, is in the inbox proper.
type operationInbox struct {
	operations store.Operations
	rest       messaging.Inbox
}

// done reports whether the operation of a message is done or cancelled. Errors are those of the next question.
func (i operationInbox) done(ctx context.Context, id string) bool {
	o, err := i.operations.Get(ctx, id[strings.LastIndexByte(id, ' ')+1:])
	return err == nil && (o.State == store.Done || o.State == store.Cancelled)
}

// Seen reports whether the request was done.
func (i operationInbox) Seen(ctx context.Context, topic, group, id string) (bool, error) {
	if i.done(ctx, id) {
		return true, nil
	}
	return i.rest.Seen(ctx, topic, group, id)
}

// Done stores the ids where the operation does not tell.
func (i operationInbox) Done(ctx context.Context, topic, group string, ids ...string) error {
	var rest []string
	for _, id := range ids {
		if !i.done(ctx, id) {
			rest = append(rest, id)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return i.rest.Done(ctx, topic, group, rest...)
}
