package funcs

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"fondaco/schema"
)

var moment = []schema.Kind{schema.KindDateTime, schema.KindDateTimeLocal, schema.KindDate}

// zoneAt reads the constant zone at i: Europe/Rome, UTC, +01:00. Without one it is the given one.
func zoneAt(constants []*schema.Value, i int, otherwise *time.Location) (*time.Location, error) {
	if i >= len(constants) {
		return otherwise, nil
	}
	if constants[i] == nil {
		return nil, errors.New("the zone must be a text in quotes, as \"Europe/Rome\"")
	}
	return schema.Location(constants[i].Str())
}

// dayOf reads a day, or the day of a moment as it is written.
func dayOf(s string) (schema.Value, error) {
	s = strings.TrimSpace(s)
	if len(s) <= 10 {
		return schema.ParseDate(s)
	}
	if _, err := schema.ParseDateTime(s); err != nil {
		if _, err := local(s, time.UTC); err != nil {
			return schema.Value{}, errors.New("expected a date, as 2026-01-31, or a moment that begins with one")
		}
	}
	return schema.ParseDate(s[:10])
}

// local reads "2020-01-02 16:50:00", with a space or T, and optional seconds.
func local(s string, in *time.Location) (time.Time, error) {
	s = strings.Replace(strings.TrimSpace(s), " ", "T", 1)
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			t, _ = schema.OnClocks(t, in)
			return t, nil
		}
	}
	return time.Time{}, errors.New("expected a date and time without offset, as 2026-01-31 09:00:00")
}

// shift adds to a date or moment and keeps its kind and offset.
func shift(name, doc, example, result string, add func(t time.Time, n int) time.Time) *Function {
	return &Function{
		Refuses: true,
		Name:    name, Group: "dates", Doc: doc, Example: example, Result: result, Params: []Param{of("d", moment...), whole("n")},
		Typed: func(a []*schema.Type) *schema.Type { return &schema.Type{Kind: a[0].Kind} },
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			t, known, ok := schema.AsTime(a[0])
			if !ok || a[1].Int() > 1e6 || a[1].Int() < -1e6 {
				return schema.Value{}, errors.New("out of the calendar")
			}
			t = add(t, int(a[1].Int()))
			switch {
			case t.Year() < 1 || t.Year() > 9999:
				return schema.Value{}, errors.New("out of the calendar")
			case a[0].Kind() == schema.KindDate:
				return schema.DateOf(t), nil
			case !known:
				return schema.TextOf(a[0].Kind(), t.Format("2006-01-02T15:04:05.999999999")), nil
			}
			return schema.DateTimeOf(t), nil
		},
	}
}

var dates = []*Function{
	{
		Name: "now", Group: "dates", Doc: "The moment at which the exchange began, with the offset of the zone, UTC if none is said; the same " +
			"throughout one exchange.", Example: `now() > datetime("2020-01-01T00:00:00Z")`, Result: `true`, Params: []Param{maybe(text("zone"))},
		Gives: schema.TypeDateTime,
		Bind: func(c []*schema.Value) (Call, error) {
			loc, err := zoneAt(c, 0, time.UTC)
			return func(w World, _ []schema.Value) (schema.Value, error) {
				return schema.DateTimeOf(w.Now().In(loc).Truncate(time.Second)), nil
			}, err
		},
	},
	{
		Name: "clock", Group: "dates", Doc: "The moment at which it is asked, to the millisecond, with the offset of the zone, UTC if none is " +
			"said. It stands where no attempt does something else for it: in log, in until and next of repeat, and in when; elsewhere write now().",
		Example: `clock() >= now()`, Result: `true`, Params: []Param{maybe(text("zone"))}, Gives: schema.TypeDateTime, Moves: true,
		Bind: func(c []*schema.Value) (Call, error) {
			loc, err := zoneAt(c, 0, time.UTC)
			return func(w World, _ []schema.Value) (schema.Value, error) {
				return schema.DateTimeOf(w.Clock().In(loc).Truncate(time.Millisecond)), nil
			}, err
		},
	},
	{
		Name: "today", Group: "dates", Doc: "The day at which the exchange began, in a zone.", Example: `today("Europe/Rome") > "2020-01-01"`,
		Result: `true`, Params: []Param{text("zone")}, Gives: schema.TypeDate,
		Bind: func(c []*schema.Value) (Call, error) {
			loc, err := zoneAt(c, 0, time.UTC)
			return func(w World, _ []schema.Value) (schema.Value, error) { return schema.DateOf(w.Now().In(loc)), nil }, err
		},
	},
	{
		Refuses: true,
		Name:    "date", Group: "dates", Doc: "A day from text (2026-01-31), or the day of a moment as it is written.",
		Example: `date("2026-01-31")`, Result: `"2026-01-31"`,
		Params: []Param{of("x", schema.KindText, schema.KindDateTime, schema.KindDateTimeLocal)},
		Gives:  schema.TypeDate,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			return dayOf(a[0].Str())
		},
	},
	{
		Name: "tryDate", Group: "dates", Doc: "A day from text in another form, but nil where there is none: empty texts, 00/00/0000.",
		Example: `tryDate("00/00/0000", "dd/MM/yyyy")`, Result: `null`,
		Params: []Param{nilly(text("s")), hides(text("form")), maybe(text("language"))}, Gives: schema.TypeDate.OrNull(),
		Bind: func(c []*schema.Value) (Call, error) {
			form, err := readFormAt(c)
			return func(_ World, a []schema.Value) (schema.Value, error) {
				t, err := form.read(strings.TrimSpace(a[0].Str()))
				if err != nil {
					return schema.Null, nil
				}
				return schema.DateOf(t), nil
			}, err
		},
	},
	{
		Refuses: true,
		Name:    "datetime", Group: "dates", Doc: "A moment from text with an offset; or from a day, a time of day and a zone.",
		Example: `datetime(date("2026-07-01"), "23:59:59", "Europe/Rome")`, Result: `"2026-07-01T23:59:59+02:00"`,
		Params: []Param{of("x", schema.KindText, schema.KindDate), maybe(of("time", schema.KindText, schema.KindTimeLocal)), maybe(text("zone"))},
		Gives:  schema.TypeDateTime,
		Bind: func(c []*schema.Value) (Call, error) {
			if len(c) == 1 {
				return func(_ World, a []schema.Value) (schema.Value, error) { return schema.ParseDateTime(a[0].Str()) }, nil
			}
			if len(c) == 2 {
				return nil, errors.New("a day and a time of day need a zone, as \"Europe/Rome\"")
			}
			loc, err := zoneAt(c, 2, time.UTC)
			return func(_ World, a []schema.Value) (schema.Value, error) {
				day, err := schema.ParseDate(a[0].Str())
				if err != nil {
					return day, err
				}
				t, err := local(day.Str()+" "+a[1].Str(), loc)
				if err != nil {
					return day, err
				}
				return schema.DateTimeOf(t), nil
			}, err
		},
	},
	{
		Refuses: true,
		Name:    "offset", Group: "dates", Doc: "A moment from a date and time that were written without an offset, in a zone or at a fixed " +
			"offset. An hour that comes twice is the first one; one that summer time leaves out is the moment of the jump.",
		Example: `offset("2020-01-02 16:50:00", "+01:00")`, Result: `"2020-01-02T16:50:00+01:00"`,
		Params: []Param{of("x", schema.KindText, schema.KindDateTimeLocal), text("zone")}, Gives: schema.TypeDateTime,
		Bind: func(c []*schema.Value) (Call, error) {
			loc, err := zoneAt(c, 1, time.UTC)
			return func(_ World, a []schema.Value) (schema.Value, error) {
				t, err := local(a[0].Str(), loc)
				if err != nil {
					return schema.Value{}, err
				}
				return schema.DateTimeOf(t), nil
			}, err
		},
	},
	{
		Name: "inZone", Group: "dates", Doc: "The same moment with the offset of a zone.",
		Example: `inZone(datetime("2026-01-15T08:00:00Z"), "Europe/Rome")`, Result: `"2026-01-15T09:00:00+01:00"`,
		Params: []Param{of("d", schema.KindDateTime), text("zone")}, Gives: schema.TypeDateTime,
		Bind: func(c []*schema.Value) (Call, error) {
			loc, err := zoneAt(c, 1, time.UTC)
			return func(_ World, a []schema.Value) (schema.Value, error) {
				t, known, ok := schema.AsTime(a[0])
				if !ok || !known {
					return schema.Value{}, errors.New("the moment has no offset: offset(x, zone) adds one")
				}
				return schema.DateTimeOf(t.In(loc)), nil
			}, err
		},
	},
	{
		Name: "local", Group: "dates", Doc: "What the clocks of a zone show at a moment: a date and time without offset.",
		Example: `local(datetime("2026-01-15T08:00:00Z"), "Europe/Rome")`, Result: `"2026-01-15T09:00:00"`,
		Params: []Param{of("d", schema.KindDateTime), text("zone")}, Gives: schema.TypeDateTimeLocal,
		Bind: func(c []*schema.Value) (Call, error) {
			loc, err := zoneAt(c, 1, time.UTC)
			return func(_ World, a []schema.Value) (schema.Value, error) {
				t, err := instant(a[0])
				return schema.TextOf(schema.KindDateTimeLocal, t.In(loc).Format("2006-01-02T15:04:05.999999999")), err
			}, err
		},
	},
	{
		Refuses: true,
		Name:    "parseDate", Group: "dates", Doc: "A day from text in another form: yyyy, MM, dd, yy stand for year, month, day; MMMM is the " +
			"month's name in a language (it, en).", Example: `parseDate("31 gennaio 2026", "d MMMM yyyy", "it")`, Result: `"2026-01-31"`,
		Params: []Param{text("s"), hides(text("form")), maybe(text("language"))}, Gives: schema.TypeDate,
		Bind: func(c []*schema.Value) (Call, error) {
			form, err := readFormAt(c)
			return func(_ World, a []schema.Value) (schema.Value, error) {
				t, err := form.read(strings.TrimSpace(a[0].Str()))
				if err != nil {
					return schema.Value{}, err
				}
				return schema.DateOf(t), nil
			}, err
		},
	},
	{
		Name: "formatDate", Group: "dates", Doc: "A day or moment as text: yyyy, MM, dd, HH, mm, ss stand for its parts, MMMM and EEEE for " +
			"the names of month and day in a language (it, en); text is quoted with '. A zone may be said.",
		Example: `formatDate(date("2026-01-31"), "'prot. 2/'yyyy")`, Result: `"prot. 2/2026"`,
		Params: []Param{of("d", moment...), hides(text("form")), maybe(text("zone")), maybe(text("language"))}, Gives: schema.TypeText,
		Admits: daysHaveNoTime,
		Bind: func(c []*schema.Value) (Call, error) {
			form, err := formAt(c, 1, false)
			if err != nil {
				return nil, err
			}
			if len(c) == 3 && c[2] != nil && hasNames(c[2].Str()) { // a language alone
				c = c[:2]
			}
			if err := languageAt(c, 3); err != nil {
				return nil, err
			}
			loc, err := zoneAt(c, 2, nil)
			return func(_ World, a []schema.Value) (schema.Value, error) {
				t, known, ok := schema.AsTime(a[0])
				if !ok {
					return schema.Value{}, errors.New("not a date")
				}
				if loc != nil && known { // what has no offset, a day above all, is the same in every zone
					t = t.In(loc)
				}
				return schema.Text(form.write(t)), nil
			}, err
		},
	},
	shift("addDays", "Some days later, or earlier.", `addDays(date("2026-02-27"), 2)`, `"2026-03-01"`,
		func(t time.Time, n int) time.Time { return t.AddDate(0, 0, n) }),
	shift("addMonths", "Some months later, or earlier; the last day of a month stays one.", `addMonths(date("2026-01-31"), 1)`, `"2026-02-28"`,
		addMonths),
	shift("addSeconds", "Some seconds later, or earlier.", `addSeconds(datetime("2026-01-31T23:59:59Z"), 1)`, `"2026-02-01T00:00:00Z"`,
		func(t time.Time, n int) time.Time { return t.Add(time.Duration(n) * time.Second) }),
	{
		Name: "daysBetween", Group: "dates", Doc: "How many days lie from one day to another; negative if the other is earlier.",
		Example: `daysBetween(date("2026-01-31"), date("2026-03-01"))`, Result: `29`, Params: []Param{of("from", moment...), of("to", moment...)},
		Gives: schema.TypeInt,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			var days [2]time.Time
			for i := range days {
				t, _, ok := schema.AsTime(a[i])
				if !ok {
					return schema.Value{}, errors.New("not a date")
				}
				days[i] = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
			}
			return schema.Int(int64(days[1].Sub(days[0]).Hours() / 24)), nil
		},
	},
	part("year", "The year.", `year(date("2026-01-31"))`, `2026`, func(t time.Time) int { return t.Year() }),
	epoch("epochSeconds", "The whole seconds since 1970-01-01T00:00:00Z.", `1767225600`, time.Time.Unix),
	epoch("epochMillis", "The milliseconds since 1970-01-01T00:00:00Z.", `1767225600000`, time.Time.UnixMilli),
	{
		Name: "httpDate", Group: "dates", Doc: "A moment as HTTP's header Date has it (RFC 9110 §5.6.7).",
		Example: `httpDate(datetime("2026-01-01T01:00:00+01:00"))`, Result: `"Thu, 01 Jan 2026 00:00:00 GMT"`,
		Params: []Param{of("d", schema.KindDateTime)}, Gives: schema.TypeText,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			t, err := instant(a[0])
			return schema.Text(t.UTC().Format(http.TimeFormat)), err
		},
	},
	part("month", "The month, 1 to 12.", `month(date("2026-01-31"))`, `1`, func(t time.Time) int { return int(t.Month()) }),
	part("day", "The day of the month.", `day(date("2026-01-31"))`, `31`, func(t time.Time) int { return t.Day() }),
	part("weekday", "The day of the week, 1 for Monday to 7 for Sunday.", `weekday(date("2026-01-31"))`, `6`,
		func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }),
}

func part(name, doc, example, result string, of func(time.Time) int) *Function {
	return &Function{
		Name: name, Group: "dates", Doc: doc, Example: example, Result: result, Params: []Param{{Name: "d", Of: moment}}, Gives: schema.TypeInt,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			t, _, ok := schema.AsTime(a[0])
			if !ok {
				return schema.Value{}, errors.New("not a date")
			}
			return schema.Int(int64(of(t))), nil
		},
	}
}

// instant returns a moment that has an offset.
func instant(v schema.Value) (time.Time, error) {
	t, known, ok := schema.AsTime(v)
	if !ok || !known {
		return t, errors.New("the moment has no offset")
	}
	return t, nil
}

func epoch(name, doc, result string, of func(time.Time) int64) *Function {
	return &Function{
		Name: name, Group: "dates", Doc: doc, Example: name + `(datetime("2026-01-01T00:00:00Z"))`, Result: result,
		Params: []Param{{Name: "d", Of: []schema.Kind{schema.KindDateTime}}}, Gives: schema.TypeInt,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			t, err := instant(a[0])
			return schema.Int(of(t)), err
		},
	}
}

func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}
