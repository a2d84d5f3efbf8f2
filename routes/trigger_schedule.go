package routes

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/messaging"
	"fondaco/routes/schedule"
	"fondaco/schema"
	"fondaco/store"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
)

// defaultZone is whose clocks count where a schedule does not say.
const defaultZone = "Europe/Rome"

// scheduled says when a route starts by itself.
type scheduled struct {
	cron   config.Text
	every  config.Text
	zone   config.Text
	missed string
	whole  bool // it has the long form
}

func (s *scheduled) spec(o *spec.Object) {
	s.whole, s.missed = true, string(schedule.Once)
	o.Text("cron", &s.cron).Doc("The times as crontab(5) writes them: minute, hour, day of the month, month, day of the week; or @yearly, " +
		"@monthly, @weekly, @daily, @hourly.").Example("\"30 6 * * mon-fri\"")
	o.Text("every", &s.every).Doc("In place of cron: each multiple of a duration, 1s to 24h, since 1970 began.").Example("10m")
	o.Text("zone", &s.zone).Default(defaultZone).Doc("Whose clocks count, by its name in the IANA time zone database.").Example("UTC")
	o.Enum("misfire", &s.missed, string(schedule.Once), string(schedule.Skip), string(schedule.All)).Default(string(schedule.Once)).
		Doc("What becomes of due times that nobody was there for: the last of them runs, none does, or each, up to 1000. A run that has not " +
			"succeeded when the next is due gives way to it, but with all.")
}

func (s *scheduled) given() bool { return s.whole || s.cron.Value != "" }

func (s *scheduled) misfire() schedule.Misfire {
	if s.missed == "" {
		return schedule.Once
	}
	return schedule.Misfire(s.missed)
}

// plan makes the plan, nil if it cannot be.
func (d *RouteModel) plan(out *diag.List) *schedule.Plan {
	s := &d.scheduled
	if !s.given() {
		return nil
	}
	name := s.zone.Value
	if name == "" {
		name = defaultZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		s.zone.Report(out, diag.BadValue, "zone: found %q, expected a name of the IANA time zone database, as Europe/Rome or UTC", name)
		return nil
	}
	switch {
	case s.every.Value != "" && s.cron.Value != "":
		s.cron.Report(out, diag.BadRoute, "the route %q has cron and every; one of them says when it is due", d.ID.Value)
		return nil
	case s.every.Value != "":
		every, ok := spec.ParseDuration(s.every.Value)
		if !ok || every < time.Second || every > 24*time.Hour {
			s.every.Report(out, diag.BadValue, "every: found %q, expected a duration of 1s to 24h", s.every.Value)
			return nil
		}
		return schedule.Every(every)
	case s.cron.Value == "":
		d.ID.Report(out, diag.BadRoute, "the schedule of the route %q says neither cron nor every", d.ID.Value)
		return nil
	}
	p, err := schedule.ParseCron(s.cron.Value, zone)
	if err != nil {
		s.cron.Report(out, diag.BadValue, "cron: %v", err)
		return nil
	}
	return p
}

// dueType is the type of the name schedule.
var dueType = schema.RecordType(
	schema.Field{Name: "time", Type: schema.TypeDateTime, Required: true, Doc: "When it was due, on the schedule's clocks."},
	schema.Field{Name: "attempt", Type: schema.TypeInt, Required: true, Doc: "1 for the first."},
)

// dueEvent is the type of a message that says that a route is to run.
const dueEvent = "fondaco.schedule.due"

var storedDue = schema.RecordType(schema.Field{Name: "time", Type: schema.TypeDateTime, Required: true})

var readDue = codec.CompileJSON(storedDue, codec.JSONOptions{})

// Schedule is a route that starts by itself: when, and how its consumer is told.
type Schedule struct {
	schedule.Entry
	Topic  string // that its consumer works on
	key    string
	source string
}

// Message says that the route is to run for a due time: of a due time it is always the same message.
func (s *Schedule) Message(due, now time.Time) messaging.Message {
	body := codec.AppendJSON(nil, schema.RecordOf(storedDue, schema.TextOf(schema.KindDateTime, due.Format(time.RFC3339))))
	return messaging.Message{
		ID: due.UTC().Format(time.RFC3339), Key: s.key, Type: dueEvent, Source: s.source, Time: now, ContentType: "application/json", Body: body,
	}
}

// scheduled compiles a route that starts by itself: a consumer of the messages that say so.
func (b *Builder) scheduled(r *TypedRoute, u *unit) *Consumer {
	d, program := r.Model, b.program
	plan, all := d.Plan, d.scheduled.misfire() == schedule.All
	c := &Consumer{
		ID: d.ID.Value, Topic: AsyncTopic(d.Kept()), Group: "fondaco", Workers: 1, Backoff: d.work.plan(), Timeout: d.Timeout,
		Single: u.single(), Once: u.blind(), read: reads(storedDue),
	}
	c.Handle = func(ctx context.Context, m messaging.Message) (err error) {
		v, err := readDue.Decode(m.Body)
		if err != nil {
			return &messaging.Dead{Reason: reasonSchema, Detail: "what was kept of a run cannot be read"}
		}
		due, err := time.Parse(time.RFC3339, v.Get("time").Str())
		if err != nil {
			return &messaging.Dead{Reason: reasonSchema, Detail: "what was kept of a run has no time"}
		}
		ctx = store.WithBegun(ctx, due)
		now := program.now()
		exchange := ExchangeOf(false, c.Group, m.Identity())
		if next := plan.Next(due); !all && !next.IsZero() && !next.After(now) {
			begun, err := program.begun(ctx, exchange)
			if err != nil {
				return &messaging.Retry{After: topicsPause, Err: err}
			}
			if !begun {
				return messaging.ErrSuperseded // the next is due, and does what this one would have done
			}
		}
		err = b.exchange(ctx, d, u, exchange, func(f *expr.Frame) {
			if r.dueSlot >= 0 {
				local := due.In(plan.Zone()).Format(time.RFC3339)
				f.Slots[r.dueSlot] = schema.RecordOf(dueType, schema.TextOf(schema.KindDateTime, local), schema.Int(int64(m.Attempt)))
			}
		})
		if d.work.retryFor == 0 {
			untilNext(err, plan.Next(due), due, m.Since, now, all)
		}
		return err
	}
	return c
}

// bySchedule starts a route by the clock.
type bySchedule struct{}

func (bySchedule) key() string { return "schedule" }

func (bySchedule) said(d *RouteModel) bool { return d.scheduled.given() }

func (bySchedule) spec(d *RouteModel, o *spec.Object) {
	o.Alternative("schedule", spec.Text(&d.scheduled.cron), spec.Of(d.scheduled.spec)).
		Doc("When it starts by itself: a cron expression of five fields, or more about it.").
		Example("\"*/10 * * * *\"")
}

func (bySchedule) read(d *RouteModel, out *diag.List) { d.Plan = d.plan(out) }

func (bySchedule) check(c *checker, r *TypedRoute) {
	d := r.Model
	c.takesNoRequest(d, "schedule", "all that it is given is schedule.time")
	c.answersNobody(d, "schedule")
	if d.Async {
		c.out.Report(diag.BadRoute, d.ID.Pos, "the route %q has accept and schedule; nobody's request is accepted", d.ID.Value).
			WithLen(len(d.ID.Value))
	}
}

func (bySchedule) bring(r *TypedRoute, s *Scope) { r.dueSlot = s.given("schedule", dueType) }

func (bySchedule) list(t *Typed) *[]*TypedRoute { return &t.Schedules }

func (bySchedule) compile(b *Builder, t *Typed) {
	for _, r := range t.Schedules {
		d := r.Model
		b.program.Schedules = append(b.program.Schedules, &Schedule{
			Entry: schedule.Entry{Name: d.ID.Value, Former: d.Former(), Plan: d.Plan, Misfire: d.scheduled.misfire()},
			Topic: AsyncTopic(d.Kept()), key: d.Kept(), source: sourceOf(t.Model, d.Kept()),
		})
		b.program.Consumers = append(b.program.Consumers, also(b.scheduled(r, b.unit(r)), d.others())...)
	}
}

func (bySchedule) messages() bool { return true }

func (bySchedule) own() bool { return true }

func (bySchedule) title(*TypedRoute) string { return "starts by itself" }

func (bySchedule) about(r *TypedRoute, now time.Time) []string {
	return []string{fmt.Sprintf("schedule: %s; next %s", r.Model.Plan, upcoming(r.Model.Plan, now, 3))}
}

// upcoming lists the next due times.
func upcoming(p *schedule.Plan, now time.Time, n int) string {
	var list []string
	for range n {
		if now = p.Next(now); !now.IsZero() {
			list = append(list, now.Format("2006-01-02T15:04:05Z07:00"))
		}
	}
	return strings.Join(list, ", ")
}

// untilNext has a run that waits for a system wait until the next is due, which it then gives way to. Where none gives
// way a run waits for as long as it is from one due time to the next, as it may have begun late.
func untilNext(err error, next, due, since, now time.Time, all bool) {
	var again *messaging.Retry
	if next.IsZero() || !errors.As(err, &again) || !again.Down {
		return
	}
	if since.IsZero() {
		since = now
	}
	again.For = next.Sub(since)
	if all {
		again.For = next.Sub(due)
	}
	again.For = max(min(again.For, remembered), time.Millisecond)
}
