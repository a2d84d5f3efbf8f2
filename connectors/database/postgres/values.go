package postgres

import (
	"encoding/hex"
	"strings"

	"fondaco/connectors/database/driver"
	"fondaco/schema"

	"github.com/jackc/pgx/v5/pgtype"
)

// written returns an argument in the text format; nil for null.
func written(a driver.Arg) []byte {
	switch {
	case a.Null:
		return nil
	case a.Type.Kind == schema.KindBytes:
		return append([]byte(`\x`), hex.AppendEncode(nil, []byte(a.Text))...)
	}
	return append(make([]byte, 0, len(a.Text)+1), a.Text...) // never nil
}

// cell reads a value in the text format, of the type with this id.
func cell(value []byte, oid uint32) driver.Cell {
	if value == nil {
		return driver.Cell{Null: true}
	}
	switch oid {
	case pgtype.ByteaOID:
		raw, err := hex.DecodeString(strings.TrimPrefix(string(value), `\x`))
		if err != nil {
			return driver.Cell{Text: string(value)}
		}
		return driver.Cell{Octets: true, Text: string(raw)}
	case pgtype.BoolOID:
		if string(value) == "t" {
			return driver.Cell{Text: "true"}
		}
		return driver.Cell{Text: "false"}
	case pgtype.TimestampOID, pgtype.TimestamptzOID:
		return driver.Cell{Text: moment(string(value))}
	case pgtype.TimetzOID:
		return driver.Cell{Text: withOffset(string(value), 0)}
	}
	return driver.Cell{Text: string(value)}
}

// moment returns a date with time as ISO 8601 has it: 2026-01-15 09:00:00+00 is 2026-01-15T09:00:00Z.
func moment(s string) string {
	if len(s) < 19 || s[10] != ' ' {
		return s // infinity, a year of five digits, before Christ: it will not fit
	}
	return withOffset(s[:10]+"T"+s[11:], 11)
}

// withOffset writes the offset behind a time that begins at a place as RFC 3339 does.
func withOffset(s string, from int) string {
	at := strings.LastIndexAny(s, "+-")
	switch {
	case at < from:
		return s
	case s[at+1:] == "00" || s[at+1:] == "00:00":
		return s[:at] + "Z"
	case len(s)-at == len("+01"):
		return s + ":00"
	}
	return s
}
