package schema

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the zones come with the program: small machines have none
)

// Zone says what is meant where a system writes a moment without an offset. It is not changed once it is made; nil is for systems that
// always write the offset, as RFC 3339 asks.
type Zone struct {
	loc   *time.Location
	local bool // nothing is meant: the values are local ones
	fixed bool // the offset is the same all year
}

// ZoneUnsaid is where offsets may be missing and nobody says what that means: such values are read as they are.
var ZoneUnsaid = &Zone{}

// ZoneNone is where no value has an offset and none is meant.
var ZoneNone = &Zone{local: true}

// ZoneOf returns the zone of a name, as Europe/Rome, or of an offset, as +01:00.
func ZoneOf(name string) (*Zone, error) {
	loc, err := Location(name)
	if err != nil {
		return nil, err
	}
	_, err = time.Parse("Z07:00", name)
	return &Zone{loc: loc, fixed: err == nil || loc == time.UTC}, nil
}

// Location returns the clocks of a zone's name, as Europe/Rome, or of an offset, as +01:00.
func Location(name string) (*time.Location, error) {
	if t, err := time.Parse("Z07:00", name); err == nil && name != "" {
		_, seconds := t.Zone()
		return time.FixedZone("", seconds), nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, fmt.Errorf("there is no zone %q; expected one as \"Europe/Rome\" or \"+01:00\"", name)
	}
	return loc, nil
}

// Typed returns the type of moments and times of day that are written in the zone; other types as they are. A time of day has an offset
// only where the offset is the same all year: it has no day.
func (z *Zone) Typed(t *Type) *Type {
	if z == nil || t.Kind != KindDateTime && t.Kind != KindTime {
		return t
	}
	c := *t
	switch {
	case !z.local && (z.loc == nil || z.fixed || t.Kind == KindDateTime):
		c.Zone = z
	case t.Kind == KindDateTime:
		c.Kind, c.Zone = KindDateTimeLocal, nil
	default:
		c.Kind, c.Zone = KindTimeLocal, nil
	}
	return &c
}

// fill adds the zone's offset to a date and time, or a time of day, that is written without one.
func (z *Zone) fill(s string) string {
	if z.loc == nil {
		return s
	}
	if len(s) < 19 || s[10] != 'T' { // a time of day: the offset is fixed
		return s + time.Time{}.In(z.loc).Format("Z07:00")
	}
	wall, err := time.Parse("2006-01-02T15:04", s[:16]) // seconds may be the sixtieth
	if err != nil {
		return s
	}
	t, there := OnClocks(wall, z.loc)
	if !there {
		return t.Format("2006-01-02T15:04:05Z07:00")
	}
	return s + t.Format("Z07:00")
}

// OnClocks returns the moment at which clocks show the date and time of wall, whose own zone does not count. Of an hour that comes twice
// it is the first; of one that summer time leaves out it is the moment of the jump, and there is false.
func OnClocks(wall time.Time, loc *time.Location) (t time.Time, there bool) {
	utc := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), time.UTC)
	for _, around := range [2]time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := utc.Add(around).In(loc).Zone()
		t = utc.Add(-time.Duration(offset) * time.Second).In(loc)
		if _, shown := t.Zone(); shown == offset {
			return t, true
		}
		if around < 0 {
			wall = t // by the clocks of before it lies behind the jump, if there is one
		}
	}
	jump, _ := wall.ZoneBounds()
	return jump, false
}

// Unsaid returns where in a type a moment or a time stands that may come without an offset while nobody says what that means, as
// verbali[].data; false if there is none.
func Unsaid(t *Type) (at string, found bool) { return unsaid(t, map[*Type]bool{}) }

func unsaid(t *Type, seen map[*Type]bool) (string, bool) {
	if t == nil || seen[t] {
		return "", false
	}
	seen[t] = true
	if t.Zone == ZoneUnsaid {
		return "", true
	}
	for _, f := range t.Fields {
		if at, found := unsaid(f.Type, seen); found {
			return strings.TrimSuffix(f.Name+"."+strings.TrimPrefix(at, "."), "."), true
		}
	}
	for _, v := range t.Variants {
		if at, found := unsaid(v, seen); found {
			return at, true
		}
	}
	if at, found := unsaid(t.Elem, seen); found {
		return "[]." + at, true
	}
	return "", false
}
