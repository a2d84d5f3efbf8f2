package connectortest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/schema"
)

// Canary stands for personal data in Asks: it may be in no error.
const Canary = "RSSMRA80A01L736U"

// Asks are inputs of the operations, as JSON.
var Asks = map[string]string{"leggi": `{"codice":"` + Canary + `"}`, "scrivi": `{"codice":"` + Canary + `","importo":1}`}

// Late is how much later than its deadline a call may come back, and a system see that its caller is gone: at once, but on a
// machine that has other work too. What does not look at its context never comes back here.
const Late = 10 * time.Second

// hung are samples that come when everybody has gone.
func (s *Suite) hung() []Sample {
	return []Sample{
		{Operation: "leggi", Answer: `{"codice":"A","importo":1,"voci":[]}`, Delay: time.Hour},
		{Operation: "scrivi", Answer: s.wire.confirmed("A"), Delay: time.Hour},
	}
}

// refused: nobody listens. The system has not seen the call.
func (s *Suite) refused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	caller := s.Open(t, s.wire.Address(l.Addr().String()))
	for operation, input := range Asks {
		_, f := s.Call(context.Background(), t, caller, operation, input)
		if f == nil || f.Kind != connectors.Unavailable || f.Sent {
			t.Errorf("%s: %+v", operation, f)
		}
	}
	closed(t, caller)
}

// deadline: a call ends with its context, whatever the system does, and none begins after that.
func (s *Suite) deadline(t *testing.T) {
	var calls atomic.Int32
	caller := s.behind(t, func(string, schema.Value, *simulate.Case) { calls.Add(1) }, s.hung()...)
	for operation, want := range map[string]connectors.FaultKind{"leggi": connectors.Timeout, "scrivi": connectors.Unknown} {
		before := calls.Load()
		var f *connectors.Fault
		for patience := time.Second; calls.Load() == before && patience < time.Minute; patience *= 2 { // until the system has it in time
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			_, f = s.Call(ctx, t, caller, operation, Asks[operation])
			end, _ := ctx.Deadline()
			if over := time.Since(end); over > Late {
				t.Errorf("%s: came back %s after its deadline", operation, over)
			}
			cancel()
		}
		if f == nil || f.Kind != want || !f.Sent {
			t.Errorf("%s: %+v, expected %s", operation, f, want)
		}
		ctx, cancel := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
		before = calls.Load()
		if _, f = s.Call(ctx, t, caller, operation, Asks[operation]); f == nil || f.Kind != connectors.Timeout || f.Sent ||
			calls.Load() != before {
			t.Errorf("%s, too late: %+v", operation, f)
		}
		cancel()
	}
}

// cancel: a call ends when its caller goes away, and whatever the system still does for it ends with the connection.
func (s *Suite) cancel(t *testing.T) {
	began := make(chan struct{}, 2)
	caller := s.behind(t, func(string, schema.Value, *simulate.Case) { began <- struct{}{} }, s.hung()...)
	for operation := range Asks {
		ctx, cancel := context.WithCancel(context.Background())
		at := make(chan time.Time, 1)
		go func() {
			<-began
			at <- time.Now()
			cancel()
		}()
		_, f := s.Call(ctx, t, caller, operation, Asks[operation])
		if f == nil {
			t.Errorf("%s: no fault", operation)
		}
		if took := time.Since(<-at); took > Late {
			t.Errorf("%s: the call ended after %s", operation, took)
		}
	}
}

// crosstalk: many calls at once, some given up, and each has its own answer.
func (s *Suite) crosstalk(t *testing.T) {
	const callers, calls = 8, 40
	var samples []Sample
	for i := range callers {
		nota := strings.Repeat(fmt.Sprint(i), 100)
		samples = append(samples, Sample{
			Operation: "leggi", When: fmt.Sprintf(`{"codice":"c%d"}`, i),
			Answer: fmt.Sprintf(`{"codice":"c%d","importo":%d.%02d,"nota":"%s","voci":[]}`, i, i, i, nota),
		})
	}
	caller := s.behind(t, nil, samples...)
	var wait sync.WaitGroup
	for i := range callers {
		wait.Go(func() {
			for range calls {
				ctx, cancel := context.WithTimeout(context.Background(), Late)
				if rand.IntN(4) == 0 {
					cancel()
					ctx, cancel = context.WithTimeout(context.Background(), time.Duration(rand.IntN(500))*time.Microsecond)
				}
				got, f := s.Call(ctx, t, caller, "leggi", fmt.Sprintf(`{"codice":"c%d"}`, i))
				if f == nil && got != samples[i].Answer {
					t.Errorf("caller %d got %s", i, got)
				}
				if f != nil && ctx.Err() == nil {
					t.Error(f)
				}
				cancel()
			}
		})
	}
	wait.Wait()
}
