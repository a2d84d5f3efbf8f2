package embedded

import (
	"context"
	"strings"
)

// Bearing counts the messages that wait, or are being worked on, and whose header of that name holds the word. It reads
// all messages that are kept.
func (b *Broker) Bearing(ctx context.Context, header, word string) (n int64, err error) {
	f := b.file.Load()
	if f == nil {
		return 0, full(errReopening, false)
	}
	rows, err := f.read.QueryContext(ctx, "select headers from message")
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
		for _, h := range list {
			if h.Name == header && strings.Contains(h.Value, word) {
				n++
				break
			}
		}
	}
	return n, rows.Err()
}
