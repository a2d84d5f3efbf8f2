package records

import (
	"bytes"
	"testing"

	"fondaco/schema"
)

// TestForms: days and moments in forms, read and written; what a form cannot tell is refused.
func TestForms(t *testing.T) {
	for _, c := range []struct{ field, raw, want string }{
		{"date: dd/MM/yyyy", "29/02/2024", "2024-02-29"},
		{"date: dd/MM/yyyy", "29/02/2023", ""},
		{"date: dd/MM/yyyy", "29/02/2000", "2000-02-29"},
		{"date: dd/MM/yyyy", "29/02/1900", ""},
		{"date: dd/MM/yyyy", "31/04/2026", ""},
		{"date: yyMMdd", "690101", "1969-01-01"},
		{"date: yyMMdd", "681231", "2068-12-31"},
		{"date: d MMMM yyyy, language: it", "1 dicembre 2026", "2026-12-01"},
		{"type: string, format: date", "2026-12-01", "2026-12-01"},
		{"date: dd/MM/yyyy HH:mm", "31/01/2026 09:30", "2026-01-31T09:30:00"},
		{"date: dd/MM/yyyy HH:mm", "31/01/2026 24:00", ""},
		{"date: yyyyMMddHHmmss, zone: Europe/Rome", "20260701093001", "2026-07-01T09:30:01+02:00"},
		{"date: yyyyMMddHHmmss, zone: Europe/Rome", "20260131093001", "2026-01-31T09:30:01+01:00"},
		{"date: yyyyMMddHHmmss, zone: Europe/Rome", "20260329023000", ""},                          // clocks go from 2 to 3
		{"date: yyyyMMddHHmmss, zone: Europe/Rome", "20261025023000", "2026-10-25T02:30:00+02:00"}, // shown twice
	} {
		f := must(t, "csv: { header: false }\nfields: { a: { "+c.field+" } }")
		record, err := f.Read(bytes.NewReader([]byte(c.raw+"\r\n")), Position{}).Next()
		if c.want == "" {
			if err == nil {
				t.Errorf("%s: %q is read as %s", c.field, c.raw, record.Value.Field(0).Str())
			}
			continue
		}
		if err != nil || record.Value.Field(0).Str() != c.want {
			t.Errorf("%s: %q: found %v %v, expected %s", c.field, c.raw, record.Value, err, c.want)
			continue
		}
		var out bytes.Buffer
		w := f.Write(&out)
		if err := w.Put("", record.Value); err != nil || w.Close() != nil || out.String() != c.raw+"\r\n" {
			t.Errorf("%s: %q is written as %q %v", c.field, c.raw, out.String(), err)
		}
	}
	for _, c := range []struct {
		field string
		v     schema.Value
	}{
		{"date: yyMMdd", schema.TextOf(schema.KindDate, "1950-01-01")},
		{"date: dd/MM/yyyy HH:mm", schema.TextOf(schema.KindDateTimeLocal, "2026-01-31T09:30:01")},
		{"date: dd/MM/yyyy HH:mm", schema.TextOf(schema.KindDateTime, "2026-01-31T09:30:00+01:00")},
		{"date: dd/MM/yyyy HH:mm, zone: Europe/Rome", schema.TextOf(schema.KindDateTime, "2026-01-31T09:30:00")},
	} {
		f := must(t, "csv: { header: false }\nfields: { a: { "+c.field+" } }")
		var out bytes.Buffer
		if err := f.Write(&out).Put("", schema.RecordOf(f.Type(""), c.v)); err == nil {
			t.Errorf("%s: %s is written", c.field, c.v.Str())
		}
	}
}
