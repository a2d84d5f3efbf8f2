package routestest

import (
	"context"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/routes"
)

// looks is how often a watch is looked at until it has found something: the first looks of some say where others begin.
const looks = 4

// found has a route run for what its watch finds: the body, or what the simulated system has.
func (t *Test) found(ctx context.Context, p *routes.Program) string {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for _, w := range p.Watches {
		if w.Target != t.Request.Watch {
			continue
		}
		items := []connectors.Find{{ID: "test", Key: t.Request.Key, Body: simulate.Plain(t.Request.Body)}}
		if t.Request.Body == nil {
			var err error
			if items, err = look(ctx, w); err != nil {
				return err.Error()
			}
			if len(items) == 0 {
				return "the watch " + w.Target + " found nothing: its samples have no answer with something in it"
			}
		}
		for _, item := range items {
			m := w.Message(item, time.Now(), nil)
			m.Attempt = 1
			if failed := t.deliver(ctx, p, m, w.Topic); failed != "" {
				return failed
			}
		}
		return ""
	}
	return "no route is started by " + t.Request.Watch
}

// look returns what a watch finds first.
func look(ctx context.Context, w *routes.Watched) ([]connectors.Find, error) {
	open, err := w.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = open.Close() }()
	place := ""
	for range looks {
		found, err := open.Poll(ctx, place)
		if err != nil {
			return nil, err
		}
		if found.Done != nil {
			if err := found.Done(ctx, true); err != nil {
				return nil, err
			}
		}
		if place = found.Place; len(found.Items) > 0 {
			return found.Items, nil
		}
	}
	return nil, nil
}
