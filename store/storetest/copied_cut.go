package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"fondaco/store"
	"fondaco/store/record"
)

// CopyCutShort tries that a copy which ends at any moment, as when its process is killed, is completed by another one. It copies rows
// operations.
func CopyCutShort(t *testing.T, from, to CopyPlace, rows int) {
	within(t, from, func(b *bench) {
		for i := 0; i < rows; i += 500 {
			together(500, func(n int) {
				if err := b.s.Operations().Create(b.Context(), store.Operation{
					ID: fmt.Sprint("o", i+n), Route: "pay", State: store.Accepted,
					Created: start, Updated: start,
				}); err != nil {
					b.Error(err)
				}
			})
		}
	})
	ends := errors.New("it ends here")
	for cut := 1; ; cut++ {
		a, err := from.Copy()
		if err != nil {
			t.Fatal(err)
		}
		c, err := to.Copy()
		if err != nil {
			t.Fatal(err)
		}
		short := &cutShort{Copying: c, puts: cut, err: ends}
		var wrote int64
		err = record.Copy(t.Context(), a, short, func(_ *record.Kind, _ record.KindSum, n int64) { wrote += n })
		_, _ = a.Close(), c.Close()
		if err == nil {
			if cut < 2 {
				t.Error("no copy was cut short, so that nothing was tried")
			}
			break
		}
		if !errors.Is(err, ends) {
			t.Fatal(err)
		}
		if cut == 1 { // the first state is used between two copies: what was copied already is no longer the same
			within(t, from, func(b *bench) {
				b.must(b.s.Operations().Set(b.Context(), "o0", store.Done, 1, store.Answer{Status: 200}, start))
			})
		}
	}
	within(t, to, func(b *bench) {
		for i := range rows {
			if _, err := b.s.Operations().Get(b.Context(), fmt.Sprint("o", i)); err != nil {
				t.Fatal(err)
			}
		}
		state, err := b.s.Operations().State(b.Context(), "o0")
		b.must(err)
		equal(b, "an operation that ended between two copies", state, store.Done)
	})
}

// cutShort is a state into which nothing can be written after some writes.
type cutShort struct {
	Copying
	puts int
	err  error
}

func (c *cutShort) Put(ctx context.Context, k *record.Kind, rows []record.Row) error {
	if c.puts--; c.puts < 0 {
		return c.err
	}
	return c.Copying.Put(ctx, k, rows)
}
