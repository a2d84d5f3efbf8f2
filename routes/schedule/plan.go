// Package schedule knows when what has a schedule is due, and sees to it that each due time is published once and none is
// passed over in silence: through new starts, clocks that jump, changes of summer time and several processes.
package schedule

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the zones come with the program: small machines have none

	"github.com/robfig/cron/v3"
)

// Plan says when something is due. It is immutable and safe for concurrent use.
type Plan struct {
	text  string
	zone  *time.Location
	every time.Duration // of one that is due at each multiple of it; 0 for a cron expression
	cron  *cron.SpecSchedule
	fixed bool // it names its hours: each of its times of day is once a day, whatever the clocks do that night
}

// fields of a cron expression, in their order.
var fields = []struct{ name, expected string }{
	{"minute", "0-59"},
	{"hour", "0-23"},
	{"day of the month", "1-31"},
	{"month", "1-12 or jan-dec"},
	{"day of the week", "0-7 or sun-sat, 0 and 7 are Sunday"},
}

const parts = cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow

// shorthands are what crontab(5) knows by name.
var shorthands = map[string]string{
	"@yearly": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *",
	"@hourly": "0 * * * *",
}

// ParseCron reads an expression of five fields as crontab(5) has them, or @yearly, @monthly, @weekly, @daily or @hourly,
// on the clocks of a zone. The error names the field, what was found and what was expected.
//
// When summer time begins, a time of day that does not exist that night is due at the moment the clocks jump; when it
// ends, one that comes twice is due the first time. An expression whose hour begins with * is due by the time that
// passes instead: every ten minutes stays every ten minutes.
func ParseCron(text string, zone *time.Location) (*Plan, error) {
	list, written := strings.Fields(text), text
	if len(list) == 1 && strings.HasPrefix(text, "@") {
		whole, ok := shorthands[strings.ToLower(list[0])]
		if !ok {
			return nil, fmt.Errorf("found %q, expected five fields, or @yearly, @monthly, @weekly, @daily or @hourly", text)
		}
		list = strings.Fields(whole)
	}
	if len(list) != len(fields) {
		return nil, fmt.Errorf("found %d fields, expected five: minute, hour, day of the month, month, day of the week", len(list))
	}
	text = strings.Join(list, " ")
	list[4] = sundays(list[4])
	parser := cron.NewParser(parts)
	for i, f := range list {
		alone := []string{"*", "*", "*", "*", "*"}
		alone[i] = f
		if _, err := parser.Parse(strings.Join(alone, " ")); err != nil {
			return nil, fmt.Errorf("the %s: found %q, expected %s, or *, lists as 1,2, ranges as 1-5 and steps as */10", fields[i].name,
				strings.Fields(text)[i], fields[i].expected)
		}
	}
	parsed, err := parser.Parse(strings.Join(list, " "))
	if err != nil {
		return nil, err
	}
	p := &Plan{text: text, zone: zone, cron: parsed.(*cron.SpecSchedule), fixed: !strings.HasPrefix(list[1], "*")}
	p.cron.Location = zone
	if p.fixed {
		p.cron.Location = time.UTC // it is asked about clocks, not about time
	}
	if p.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("found %q, which never comes", written)
	}
	return p, nil
}

// Every is due at each multiple of a duration since 1970 began, so at whole minutes for 1m. It is at least a second.
func Every(d time.Duration) *Plan {
	return &Plan{text: "every " + d.String(), zone: time.UTC, every: d}
}

// String returns the plan in words that tell two plans apart.
func (p *Plan) String() string { return strings.TrimSpace(p.text + " " + p.clocks()) }

func (p *Plan) clocks() string {
	if p.every > 0 {
		return ""
	}
	return p.zone.String()
}

// Zone returns the zone whose clocks count.
func (p *Plan) Zone() *time.Location { return p.zone }

// Next returns the first due time after a moment, in the plan's zone; the zero time if none comes within five years.
func (p *Plan) Next(after time.Time) time.Time {
	switch {
	case p.every > 0:
		n := after.UnixNano() / int64(p.every)
		return time.Unix(0, (n+1)*int64(p.every)).In(p.zone)
	case !p.fixed:
		return p.cron.Next(after.In(p.zone))
	}
	for clock := wall(after.In(p.zone)); ; {
		if clock = p.cron.Next(clock); clock.IsZero() {
			return clock
		}
		if due := moment(clock, p.zone); due.After(after) {
			return due
		}
	}
}

// Latest returns the last due time that is after one moment and not after another, and whether there is one.
func (p *Plan) Latest(after, until time.Time) (time.Time, bool) {
	for back := time.Minute; ; back *= 2 {
		from := until.Add(-back)
		whole := !from.After(after)
		if whole {
			from = after
		}
		found := time.Time{}
		for due := p.Next(from); !due.IsZero() && !due.After(until); due = p.Next(due) {
			found = due
		}
		if !found.IsZero() || whole {
			return found, !found.IsZero()
		}
	}
}

// wall returns what the clocks show, as if it were UTC.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// moment returns the first moment at which the clocks of a zone show this, or the one at which they jump over it.
func moment(clock time.Time, zone *time.Location) time.Time {
	_, before := clock.Add(-36 * time.Hour).In(zone).Zone()
	_, after := clock.Add(36 * time.Hour).In(zone).Zone()
	early, late := clock.Add(-time.Duration(before)*time.Second), clock.Add(-time.Duration(after)*time.Second)
	if late.Before(early) {
		early, late = late, early
	}
	for _, t := range []time.Time{early, late} {
		if wall(t.In(zone)).Equal(clock) {
			return t.In(zone)
		}
	}
	_, jump := early.In(zone).ZoneBounds()
	return jump
}
