package pages

import (
	"html/template"
	"time"
)

// moment is a time as it is shown: of the same day the hour, else the date too, with how long ago it was.
type moment struct {
	Machine, Text, Ago string
}

// At returns how a time is shown; nil for one that is not known.
func (v *visit) At(t time.Time) *moment {
	if t.IsZero() {
		return nil
	}
	t = t.In(v.Now.Location())
	form := "2006-01-02 15:04:05"
	if t.Format(time.DateOnly) == v.Now.Format(time.DateOnly) {
		form = "15:04:05"
	}
	return &moment{Machine: t.UTC().Format(time.RFC3339), Text: t.Format(form), Ago: v.ago(v.Now.Sub(t))}
}

// AtText is At of a time that the API tells as text.
func (v *visit) AtText(text string) *moment {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return nil
	}
	return v.At(t)
}

// ago says how long ago something was, or in what time it comes, in one unit.
func (v *visit) ago(d time.Duration) string {
	comes := d < 0
	d = d.Abs()
	unit, n := "s", int64(d/time.Second)
	switch {
	case d >= 48*time.Hour:
		unit, n = "d", int64(d/(24*time.Hour))
	case d >= 2*time.Hour:
		unit, n = "h", int64(d/time.Hour)
	case d >= 2*time.Minute:
		unit, n = "min", int64(d/time.Minute)
	}
	if comes {
		return v.T("in", n, v.T("unit."+unit))
	}
	return v.T("ago", n, v.T("unit."+unit))
}

// functions are what templates call besides the methods of a visit.
var functions = template.FuncMap{
	"link": func(v *visit, at any) map[string]any { return map[string]any{"V": v, "At": at} },
}

// Clock is a time of the day with its milliseconds, for what happens within one.
func (v *visit) Clock(t time.Time) string { return t.In(v.Now.Location()).Format("15:04:05.000") }

// Precise is a time for machines, with its milliseconds.
func (*visit) Precise(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
