package embedded

import (
	"context"
	"strings"

	"fondaco/messaging"
)

// Bearing counts the messages that wait, or are being worked on, and bear a mark: see messaging.ExtensionMarks. It reads
// the headers of all messages that are not encrypted; the data key of one that is says whose it is.
func (b *Broker) Bearing(ctx context.Context, mark string) (n int64, err error) {
	f := b.file.Load()
	if f == nil {
		return 0, full(errReopening, false)
	}
	if err := f.read.QueryRowContext(ctx, "select count(*) from message where dk > 0 and dk in (select id from data_key where instr(subject, ?) > 0)", mark).Scan(&n); err != nil {
		return 0, err
	}
	rows, err := f.read.QueryContext(ctx, "select headers from message where dk = 0")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var packed []byte
		if err := rows.Scan(&packed); err != nil {
			return 0, err
		}
		list, _ := attributes(packed) // of a damaged message those that can be read
		if strings.Contains(marksIn(list), mark) {
			n++
		}
	}
	return n, rows.Err()
}

// marksIn returns the marks that the headers of a message say.
func marksIn(list []messaging.Attribute) string {
	for _, h := range list {
		if h.Name == "ce_"+messaging.ExtensionMarks {
			return h.Value
		}
	}
	return ""
}
