package work

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/schedule"
	"fondaco/server/metrics"
)

// schedules run what the program in service has of schedules.
type schedules struct {
	owned[scheduleKey, *scheduling]
	topics Topics
	log    *slog.Logger
	owner  string
	dog    *messaging.Watchdog
}

// scheduleKey tells schedules apart: what differs in it is another schedule.
type scheduleKey struct{ name, plan, misfire string }

type scheduling struct {
	*task
	runner *schedule.Runner
}

func newSchedules(t Topics, log *slog.Logger, dog *messaging.Watchdog) *schedules {
	return &schedules{topics: t, log: log, owner: rand.Text(), dog: dog}
}

// take starts the schedules of a project that did not run, and stops those that it no longer has.
func (s *schedules) take(list []*routes.Schedule) {
	if s.topics.Broker == nil || s.topics.Schedules == nil {
		return
	}
	if s.topics.restored().Held {
		list = nil // they begin when an operator says so
	}
	wanted := map[scheduleKey]func() *scheduling{}
	for _, e := range list {
		wanted[scheduleKey{e.Name, e.Plan.String(), string(e.Misfire)}] = func() *scheduling { return s.start(e) }
	}
	s.owned.take(wanted)
}

func (s *schedules) start(e *routes.Schedule) *scheduling {
	x := &scheduling{}
	x.runner = schedule.NewRunner(e.Entry, schedule.Deps{
		Schedules: s.topics.Schedules, Owner: s.owner, Log: s.log, Wake: s.topics.Wake, Now: s.topics.Clock.Now,
		Publish: func(ctx context.Context, _ string, due time.Time) error {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			return messaging.Publish(ctx, s.topics.Broker, e.Topic, e.Message(due, s.topics.Clock.Now()))
		},
	})
	due := func(context.Context) (bool, error) {
		next := x.runner.State().Next
		return next.IsZero() || s.topics.Clock.Now().After(next), nil
	}
	x.task = begin(s.dog, messaging.Guarded{Kind: "schedule", Name: e.Name, Progress: x.runner.Turns, Work: due}, x.runner.Run)
	return x
}

var (
	scheduleLast = metrics.Level("fondaco_schedule_last_run_timestamp_seconds",
		"The due time that a scheduled route ran for last, in seconds since 1970.", "route")
	scheduleNext = metrics.Level("fondaco_schedule_next_run_timestamp_seconds",
		"The due time that comes next.", "route")
	scheduleMissed = metrics.Total("fondaco_schedule_missed_total",
		"Due times that nobody was there for and that were not made good.", "route")
	fencedTotal = metrics.Total("fondaco_fenced_total",
		"Runs of schedules, batches of what was gathered and looks of watches whose owner had slept past its lease, and was refused then: "+
			"another has them.", "kind", "route")
	duplicateOwner = metrics.Total("fondaco_duplicate_owner_total",
		"Runs of schedules, batches of what was gathered and places of watches that were kept although another owner had kept one at the same "+
			"time. It is always 0.", "kind", "route")
)

// tell reports how each schedule stands.
func (s *schedules) tell(tell metrics.Tell) {
	for k, x := range s.each() {
		state := x.runner.State()
		if !state.Last.IsZero() {
			tell(scheduleLast, float64(state.Last.Unix()), k.name)
		}
		if !state.Next.IsZero() {
			tell(scheduleNext, float64(state.Next.Unix()), k.name)
		}
		tell(scheduleMissed, float64(state.Missed), k.name)
	}
}

// doubled reports how many runs of each schedule had two owners.
func (s *schedules) doubled(tell metrics.Tell) {
	for k, x := range s.each() {
		tell(duplicateOwner, float64(x.runner.State().Doubled), "schedule", k.name)
	}
}

// fenced reports how many runs of each schedule were refused.
func (s *schedules) fenced(tell metrics.Tell) {
	for k, x := range s.each() {
		tell(fencedTotal, float64(x.runner.State().Fenced), "schedule", k.name)
	}
}
