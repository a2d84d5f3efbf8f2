package work

import (
	"context"
	"log/slog"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/store"
)

// endingInbox is an inbox that lets go of the intents of calls whose work it knows as done. The inbox comes first: what it
// knows never comes again, and an intent that stays behind does no harm.
type endingInbox struct {
	messaging.Inbox
	intents store.Intents
	accepts bool // the messages are accepted requests
	log     *slog.Logger
}

// Done stores the ids.
func (i endingInbox) Done(ctx context.Context, topic, group string, ids ...string) error {
	if err := i.Inbox.Done(ctx, topic, group, ids...); err != nil {
		return err
	}
	ended := make([]string, len(ids))
	for n, id := range ids {
		ended[n] = routes.ExchangeOf(i.accepts, group, id)
	}
	if err := i.intents.End(ctx, ended...); err != nil {
		i.log.Warn("the intents of calls whose work is done stay for the time being", "topic", topic, "group", group, "error", err)
	}
	return nil
}
