package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/embedded"
	"fondaco/routes"
	"fondaco/server/letters"
	"fondaco/store"

	"github.com/spf13/cobra"
)

// forgottenRow is what waits for nobody, and whether it was let go.
type forgottenRow struct {
	Topic    string `json:"topic"`
	Group    string `json:"group,omitempty"`
	Messages int64  `json:"messages"`
	Gone     bool   `json:"gone"`

	Operations int `json:"operations,omitempty"` // of the route, that have no request and are not ended yet; Gone ends them
}

// forget counts what nobody reads of a topic, or of a former route or group, and lets go of it if that is asked for.
func (s *storage) forget(r *http.Request) (any, error) {
	name, yes := r.URL.Query().Get("name"), r.URL.Query().Get("yes") == "true"
	if name == "" {
		return nil, usageError{fmt.Errorf("found no name, expected that of a topic, or of a route that is gone")}
	}
	by := store.Act{At: time.Now()}
	if yes {
		var err error
		if by, err = actOf(r.URL.Query()); err != nil {
			return nil, err
		}
	}
	found, err := s.stranded.look(r.Context())
	if err != nil {
		return nil, err
	}
	rows := []forgottenRow{}
	for _, c := range found {
		if c.Topic != name && c.Topic != routes.AsyncTopic(name) && c.Group != name {
			continue
		}
		row := forgottenRow{Topic: c.Topic, Group: c.Group, Messages: c.Waiting}
		if yes {
			on := "topic " + c.Topic
			if c.Group != "" {
				on += ", group " + c.Group
			}
			if err := letters.Audited(r.Context(), s.state.Audit(), s.log, store.AuditForget, on, by); err != nil {
				return nil, err
			}
			if err := s.endOperations(r.Context(), c.Topic); err != nil {
				return nil, err
			}
			if err := s.letGo(r.Context(), c); err != nil {
				return nil, err
			}
			row.Gone = true
			s.log.Warn("messages that nobody read were let go", "topic", c.Topic, "group", c.Group, "messages", c.Waiting)
		}
		rows = append(rows, row)
	}
	ended, err := s.forgetLost(r.Context(), name, yes, by)
	if err != nil {
		return nil, err
	}
	rows = append(rows, ended...)
	if yes {
		_, err = s.stranded.look(r.Context())
	}
	return rows, err
}

// forgetLost counts the operations of a route whose requests are nowhere, and ends them if that is asked for.
func (s *storage) forgetLost(ctx context.Context, name string, yes bool, by store.Act) ([]forgottenRow, error) {
	if s.fit == nil {
		return nil, nil
	}
	route := strings.TrimPrefix(name, messaging.EnginePrefix)
	ids := s.fit.lost(route)
	if len(ids) == 0 {
		return nil, nil
	}
	row := forgottenRow{Topic: routes.AsyncTopic(route), Operations: len(ids)}
	if !yes {
		return []forgottenRow{row}, nil
	}
	if err := letters.Audited(ctx, s.state.Audit(), s.log, store.AuditForget, "operations without a request of the route "+route, by); err != nil {
		return nil, err
	}
	if err := s.fit.end(ctx, ids); err != nil {
		return nil, err
	}
	row.Gone = true
	s.log.Warn("operations without a request were ended as failed", "route", route, "operations", len(ids))
	_, err := s.fit.look(ctx)
	return []forgottenRow{row}, err
}

// letGo removes a group that nobody is, and the messages that only it lacked.
func (s *storage) letGo(ctx context.Context, c messaging.Count) error {
	if s.kafka != nil {
		if err := s.kafka.Forget(ctx, c.Topic, c.Group); err != nil {
			return err
		}
		return s.seen.Forget(c.Topic, c.Group)
	}
	b := s.broker.(*embedded.Broker)
	if c.Group != "" {
		if err := b.Forget(ctx, c.Topic, c.Group); err != nil {
			return err
		}
	}
	if c.Group != "" && !strings.HasPrefix(c.Topic, messaging.EnginePrefix) {
		return nil // a declared topic keeps its messages for readers to come
	}
	return b.Clear(ctx, c.Topic)
}

func topicsForgetCommand(w *World) *cobra.Command {
	o, yes, why := &operators{w: w}, false, ""
	c := &cobra.Command{
		Use:   "forget NAME",
		Short: "Count the messages that wait for nobody on a topic, or of a route that is gone, and operations whose request is gone; with --yes let go of them",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("found %d names, expected one: a topic, or a route that is gone", len(args))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			var rows []forgottenRow
			q := url.Values{"name": {args[0]}, "yes": {strconv.FormatBool(yes)}, "who": {me()}}
			if why != "" {
				q.Set("why", why)
			}
			if err := o.ask(c.Context(), http.MethodPost, forgetPath, q, &rows); err != nil || o.format == "json" {
				return err
			}
			if len(rows) == 0 {
				fmt.Fprintf(w.Stdout, "nothing waits for nobody under %s\n", args[0])
			}
			for _, r := range rows {
				if r.Operations > 0 {
					fmt.Fprintf(w.Stdout, "topic %s: %s without a request %s\n", r.Topic, counted(r.Operations, "operation"), map[bool]string{true: "were ended as failed", false: "wait for nobody; --yes ends them as failed"}[r.Gone])
					continue
				}
				what := "wait for nobody; --yes lets go of them"
				if r.Gone {
					what = "were let go"
				}
				of := ""
				if r.Group != "" {
					of = ", group " + r.Group
				}
				fmt.Fprintf(w.Stdout, "topic %s%s: %d messages %s\n", r.Topic, of, r.Messages, what)
			}
			return nil
		},
	}
	o.declare(c)
	c.Flags().BoolVar(&yes, "yes", false, "let go of what is counted; it cannot be taken back")
	c.Flags().StringVar(&why, "why", "", "the cause, which is kept in the audit")
	return c
}
