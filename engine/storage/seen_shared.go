package storage

import (
	"context"
	"time"

	"fondaco/messaging"
)

// groups remembers which groups had a place on Kafka.
type groups interface {
	messaging.Seen
	// list returns them by topic.
	list(ctx context.Context) (map[string][]string, error)
	// close has what waits for an answer end. What is asked then is answered as if the group had a place: nothing begins anew.
	close()
}

// keptGroups is a state that remembers them.
type keptGroups interface {
	Seen(ctx context.Context, topic, group string) (bool, error)
	See(ctx context.Context, topic, group string) error
	Forget(ctx context.Context, topic, group string) error
	All(ctx context.Context) ([][2]string, error)
}

// sharedGroups are kept by a state that processes share.
type sharedGroups struct {
	kept keptGroups
	ctx  context.Context //nolint:containedctx // of what messaging asks without one; it ends with close
	end  context.CancelFunc
}

const askAgain = time.Second

// Seen waits until the state answers: a group whose place is gone may not be taken for a new one.
func (g *sharedGroups) Seen(topic, group string) bool {
	for {
		seen, err := g.kept.Seen(g.ctx, topic, group)
		if err == nil {
			return seen
		}
		select {
		case <-g.ctx.Done():
			return true
		case <-time.After(askAgain):
		}
	}
}

func (g *sharedGroups) See(topic, group string) error    { return g.kept.See(g.ctx, topic, group) }
func (g *sharedGroups) Forget(topic, group string) error { return g.kept.Forget(g.ctx, topic, group) }
func (g *sharedGroups) close()                           { g.end() }

func (g *sharedGroups) list(ctx context.Context) (map[string][]string, error) {
	all, err := g.kept.All(ctx)
	list := map[string][]string{}
	for _, one := range all {
		list[one[0]] = append(list[one[0]], one[1])
	}
	return list, err
}
