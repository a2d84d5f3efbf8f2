package mysql

import (
	"database/sql"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"fondaco/connectors/database/driver"
	"fondaco/schema"
)

// value returns an argument as the library takes it.
func value(a driver.Arg) any {
	switch a.Type.Kind {
	case schema.KindInt:
		if n, err := strconv.ParseInt(a.Text, 10, 64); err == nil {
			return n
		}
	case schema.KindBool:
		return a.Text == "true"
	case schema.KindBytes:
		return []byte(a.Text)
	case schema.KindDateTime, schema.KindDateTimeLocal:
		return moment(a.Text)
	}
	return a.Text
}

// moment returns a date with time as it stands in the session's zone, which is UTC; a local one as it is.
func moment(text string) string {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.UTC().Format("2006-01-02 15:04:05.999999")
	}
	return strings.Replace(text, "T", " ", 1)
}

// cell reads what the library returns.
func cell(v any, of *sql.ColumnType) driver.Cell {
	switch v := v.(type) {
	case int64:
		return driver.Cell{Text: strconv.FormatInt(v, 10)}
	case uint64:
		return driver.Cell{Text: strconv.FormatUint(v, 10)}
	case float32:
		return driver.Cell{Text: strconv.FormatFloat(float64(v), 'f', -1, 32)}
	case float64:
		return driver.Cell{Text: strconv.FormatFloat(v, 'f', -1, 64)}
	case []byte:
		return written(v, of.DatabaseTypeName())
	case string:
		return written([]byte(v), of.DatabaseTypeName())
	}
	return driver.Cell{Octets: true} // fits nothing
}

func written(b []byte, of string) driver.Cell {
	text := string(b)
	switch of {
	case "TIMESTAMP": // the session's zone is UTC
		return driver.Cell{Text: strings.Replace(text, " ", "T", 1) + "Z"}
	case "DATETIME":
		return driver.Cell{Text: strings.Replace(text, " ", "T", 1)}
	case "BIT":
		return driver.Cell{Text: new(big.Int).SetBytes(b).String()}
	}
	return driver.Cell{Text: text, Octets: slices.Contains(octets, of)}
}

var octets = []string{"BLOB", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB", "BINARY", "VARBINARY", "GEOMETRY"}
