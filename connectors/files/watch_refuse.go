package files

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"path"
	"strconv"
	"strings"
)

// refuse moves a file away none of whose records is worked on, and says why beside it.
func (x *watching) refuse(ctx context.Context, c claim, why error) error {
	to, _, err := x.target(ctx, x.failedIn, c.Name, c.Sum, c.Size)
	if err != nil {
		return err
	}
	c.To = to
	if err := x.store.Write(ctx, to+".reason", strings.NewReader(why.Error()+"\n"), true); err != nil {
		return err
	}
	if _, err := x.moved(ctx, c); err != nil {
		return err
	}
	x.log.Error("a file is refused: none of its records is worked on", "watch", x.name, "file",
		x.shown(c.Name, c.Sum), "reason", why)
	return nil
}

// maxHeading is how long what stands before the first record may be.
const maxHeading = 64 << 10

// writeRejects writes the bad records of a file as they are, and why they are: from the same file always the same, so that it may be done
// again. What stands before the records of a format with one kind, as the header of a CSV, stands before the bad ones too.
func (x *watching) writeRejects(ctx context.Context, c claim, p *pass) error {
	var raw, reasons bytes.Buffer
	if kinds := x.records.Kinds(); len(kinds) == 1 && p.first > 0 && p.first <= maxHeading {
		r, err := x.store.Read(ctx, x.from(c.Name), 0)
		if err != nil {
			return err
		}
		_, err = io.CopyN(&raw, r, p.first)
		_ = r.Close()
		if err != nil {
			return err
		}
	}
	w := csv.NewWriter(&reasons)
	_ = w.Write([]string{"line", "record", "column", "field", "reason"})
	for _, b := range p.bad {
		raw.Write(b.Raw)
		_ = w.Write([]string{number(b.Line), number(b.Number), number(int64(b.Column)), b.Field, b.Reason})
	}
	w.Flush()
	at := path.Join(x.failedIn, path.Base(c.To))
	if err := x.store.Write(ctx, at+".reject", &raw, true); err != nil {
		return err
	}
	return x.store.Write(ctx, at+".reasons", &reasons, true)
}

// number writes a number, nothing for none.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
