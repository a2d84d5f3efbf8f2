package work

import (
	"context"
	"errors"
	"strings"

	"fondaco/messaging"
	"fondaco/store"
)

// operationInbox knows accepted requests as finished by their operations, which say so durably before the message is
// acked, and cancelled ones likewise; what has no operation here, or one that failed, is in the inbox proper.
type operationInbox struct {
	operations store.Operations
	rest       messaging.Inbox                                                         // of the same state
	unhandled  func(ctx context.Context, topic, group, id string, end store.End) error // counts one that was cancelled, once; nil for nobody
}

// operationOf returns the id of a message's operation.
func operationOf(id string) string { return id[strings.LastIndexByte(id, ' ')+1:] }

// state returns the state of a message's operation, "" where there is none.
func (i operationInbox) state(ctx context.Context, id string) (store.OperationState, error) {
	state, err := i.operations.State(ctx, operationOf(id))
	if errors.Is(err, store.ErrAbsent) {
		return "", nil
	}
	return state, err
}

// Seen reports whether the request was done. ErrCancelled if it was cancelled, once that is counted.
func (i operationInbox) Seen(ctx context.Context, topic, group, id string) (bool, error) {
	var state store.OperationState
	var seen bool
	var err error
	at, together := i.operations.(store.Handled)
	if together {
		state, seen, err = at.Standing(ctx, operationOf(id), topic, group, id)
	} else {
		state, err = i.state(ctx, id)
	}
	switch {
	case err == nil && state == store.Done:
		return true, nil
	case err == nil && state == store.Cancelled:
		return false, i.cancel(ctx, topic, group, id)
	case err == nil && together:
		return seen, nil
	}
	return i.rest.Seen(ctx, topic, group, id)
}

// cancel counts a message whose operation was cancelled, and returns ErrCancelled.
func (i operationInbox) cancel(ctx context.Context, topic, group, id string) error {
	if i.unhandled != nil {
		if err := i.unhandled(ctx, topic, group, id, store.EndCancelled); err != nil {
			return err
		}
	}
	return messaging.ErrCancelled
}

// Done stores the ids where the operation does not tell.
func (i operationInbox) Done(ctx context.Context, topic, group string, ids ...string) error {
	var rest []string
	at, told := i.operations.(store.Handled)
	for _, id := range ids {
		if told && at.TakeDone(operationOf(id)) {
			continue
		}
		if state, err := i.state(ctx, id); err != nil || state != store.Done {
			rest = append(rest, id)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return i.rest.Done(ctx, topic, group, rest...)
}
