package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// options are what the command line says.
type options struct {
	storage, scenario string
	kills, brokers    int
	keys              int
	seed              uint64
	deadline          time.Duration
	keep              bool
}

func main() {
	var o options
	flag.StringVar(&o.storage, "storage", "sqlite", "where topics are: sqlite or kafka")
	flag.StringVar(&o.scenario, "scenario", "kills", "what happens: "+strings.Join(names(), ", "))
	flag.IntVar(&o.kills, "kills", 40, "how often the engine is killed")
	flag.IntVar(&o.brokers, "broker-kills", 4, "how often the broker is killed, with -storage kafka")
	flag.IntVar(&o.keys, "keys", 48, "how many keys have a client")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano())%1_000_000, "of the moments at which things happen")
	flag.DurationVar(&o.deadline, "deadline", 10*time.Minute, "after which it gives up")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, o.deadline)
	err := run(ctx, o)
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	w, err := newWorkshop(ctx, "")
	if err != nil {
		return err
	}
	defer w.close()
	w.seed, w.keys = o.seed, o.keys
	fmt.Printf("seed %d\n", o.seed)
	_, err = one(ctx, w, o)
	return err
}

// errFlawed tells that a promise was broken; what was is printed.
var errFlawed = errors.New("a promise was broken")

// one runs a scenario and prints what came of it.
func one(ctx context.Context, w *workshop, o options) (*verdict, error) {
	begin := time.Now()
	var b *broker
	if o.storage == "kafka" {
		var err error
		if b, err = newBroker(w); err != nil {
			return nil, err
		}
		defer b.close()
	}
	r, err := newRound(w, o.scenario, 1, b)
	if err != nil {
		return nil, err
	}
	defer r.close()
	if err := kills(ctx, r, o); err != nil {
		return nil, err
	}
	v, err := r.settle(ctx)
	if err != nil {
		return nil, err
	}
	fmt.Printf("torture %s %s %d %s\n", o.storage, o.scenario, o.kills, v)
	words, count := r.ledger.words()
	heard := ""
	for _, w := range words {
		heard += fmt.Sprintf(" %s %d", w, count[w])
	}
	fmt.Printf("   %s; %d orders told 202, %d effects, at most %d doubled by one; clients heard:%s; the system refused %d times\n",
		time.Since(begin).Round(time.Second), v.Told, v.Effects, v.Worst, heard, r.stub.refused.Load())
	for _, n := range append(v.Notes, r.checks...) {
		fmt.Println("   " + n)
	}
	if v.flawed() || len(r.checks) > 0 || len(r.ledger.odd) > 0 {
		return v, errFlawed
	}
	return v, nil
}

func names() []string { return []string{"kills"} }
