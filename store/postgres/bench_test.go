package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fondaco/store"
	"fondaco/store/postgres/postgrestest"
)

var longBody = []byte(strings.Repeat("x", 600))

// BenchmarkRequest measures what an accepted request costs (its operation is made, begun and done, its message finished) by callers
// at the same time, beside the same four statements written by hand with pgx, each durable before the next. It reports the time of one
// request (the median), and the CPU of this process and of the database.
func BenchmarkRequest(b *testing.B) {
	for _, callers := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprintf("store-%d", callers), func(b *testing.B) {
			p := newPlace(b, nil)
			s := p.open(p.options())
			measure(b, shared, callers, func(ctx context.Context, id string) error {
				if err := s.Operations().Create(ctx, store.Operation{
					ID: id, Route: "r", State: store.Accepted, Created: now,
					Updated: now,
				}); err != nil {
					return err
				}
				if err := s.Operations().Set(ctx, id, store.Working, 0, store.Answer{}, now); err != nil {
					return err
				}
				if err := s.Operations().Set(ctx, id, store.Done, 1, store.Answer{Status: 200, Body: longBody}, now); err != nil {
					return err
				}
				return s.Inbox().Done(ctx, "t", "g", now, id)
			})
		})
		b.Run(fmt.Sprintf("by hand-%d", callers), func(b *testing.B) {
			p := newPlace(b, nil)
			s := p.open(p.options())
			measure(b, shared, callers, byHand(s.pool))
		})
	}
}

// byHand does with pgx what the store does for a request.
func byHand(pool *pgxpool.Pool) func(ctx context.Context, id string) error {
	const move = "update operation set state = $2, updated = $3, status = $4, body = $5, ended = $6 where id = $1 and state not in " +
		"('done', 'cancelled')"
	return func(ctx context.Context, id string) error {
		at := now.UnixMicro()
		_, err := pool.Exec(ctx, "insert into operation (id, route, owner, state, created, updated, reply_to, status, header, body, body_sum, "+
			"sum, marks) values ($1, 'r', '', 'accepted', $2, $2, '', 0, '', '', 0, 0, '')", id, at)
		if err == nil {
			_, err = pool.Exec(ctx, move, id, "working", at, 0, []byte{}, 0)
		}
		if err == nil {
			_, err = pool.Exec(ctx, move, id, "done", at, 200, longBody, 1)
		}
		if err == nil {
			m := markOf("t", "g", id)
			_, err = pool.Exec(ctx, "insert into inbox (id, at) values ($1, $2) on conflict (id) do update set at = excluded.at where inbox.at < "+
				"excluded.at", m[:], at)
		}
		return err
	}
}

// measure has each do b.N requests by so many callers, and reports what one costs.
func measure(b *testing.B, n *postgrestest.Server, callers int, each func(ctx context.Context, id string) error) {
	var next atomic.Int64
	var all sync.WaitGroup
	times := make([][]time.Duration, callers)
	mine, theirs := ownCPU(), n.CPU()
	b.ResetTimer()
	for w := range callers {
		all.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				begin := time.Now()
				if err := each(b.Context(), "operation "+strconv.FormatInt(i, 10)); err != nil {
					b.Error(err)
					return
				}
				times[w] = append(times[w], time.Since(begin))
			}
		})
	}
	all.Wait()
	b.StopTimer()
	list := slices.Concat(times...)
	slices.Sort(list)
	b.ReportMetric(float64(list[len(list)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64((ownCPU()-mine).Microseconds())/float64(b.N), "cpu-µs/op")
	b.ReportMetric(float64((n.CPU()-theirs).Microseconds())/float64(b.N), "database-cpu-µs/op")
}

// ownCPU is what this process has used.
func ownCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
