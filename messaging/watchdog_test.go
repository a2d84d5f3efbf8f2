package messaging_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/messaging"
)

// TestWatchdog: what has work and makes no progress for the limit is restarted, and nothing else is; health speaks of it
// while it stands still, and for some time after.
func TestWatchdog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := messaging.NewWatchdog(time.Minute, nil, nil)
		defer d.Close()
		var steps, restarts atomic.Int64
		var work atomic.Bool
		var unknown atomic.Pointer[error]
		stop := d.Watch(messaging.Guarded{
			Kind: "consumer", Name: "r", Progress: steps.Load,
			Work: func(context.Context) (bool, error) {
				if err := unknown.Load(); err != nil {
					return true, *err
				}
				return work.Load(), nil
			},
			Restart: func(context.Context) { restarts.Add(1) },
		})
		defer stop()
		expect := func(when string, want int64, health string) {
			t.Helper()
			if got := restarts.Load(); got != want {
				t.Errorf("%s: %d restarts, expected %d", when, got, want)
			}
			text := ""
			if err := d.Health(); err != nil {
				text = err.Error()
			}
			if health == "" && text != "" || !strings.Contains(text, health) {
				t.Errorf("%s: health %q, expected %q", when, text, health)
			}
		}
		time.Sleep(time.Hour)
		expect("without work", 0, "")
		work.Store(true)
		for range 60 {
			time.Sleep(50 * time.Second)
			steps.Add(1)
		}
		expect("with a step every 50 seconds", 0, "")
		away := errors.New("the cluster is away")
		unknown.Store(&away)
		time.Sleep(time.Hour)
		expect("nobody can tell", 0, "")
		unknown.Store(nil)
		time.Sleep(59 * time.Second)
		expect("before the minute is over", 0, "")
		time.Sleep(12 * time.Second)
		expect("after it", 1, "the consumer r has work and stands still")
		time.Sleep(70 * time.Second)
		expect("again", 2, "2 times in all")
		steps.Add(1)
		time.Sleep(10 * time.Second)
		expect("it goes on", 2, "and goes on")
		work.Store(false)
		time.Sleep(6 * time.Minute)
		expect("later", 2, "")
		if list := d.Stalls(); len(list) != 1 || list[0].Times != 2 || list[0].Standing || list[0].Kind != "consumer" || list[0].Name != "r" {
			t.Errorf("stalls %+v", list)
		}
	})
}
