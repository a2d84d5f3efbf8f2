package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are what the command line says.
type options struct {
	storage, scenario string
	times, brokers    int
	keys              int
	seed              uint64
	deadline          time.Duration
	short, all, plant bool
	bug               string
	ledgers, judge    string
	keep              string
}

func main() {
	var o options
	flag.StringVar(&o.storage, "storage", "sqlite", "where things are kept: sqlite, kafka (topics alone) or cluster (three nodes, the "+
		"state on PostgreSQL, topics on Kafka)")
	flag.StringVar(&o.scenario, "scenario", "kills", "what happens: "+strings.Join(names(), ", "))
	flag.IntVar(&o.times, "kills", 0, "how often it happens; as in CI if 0")
	flag.IntVar(&o.brokers, "broker-kills", 4, "how often the broker is killed, of kills with -storage kafka")
	flag.IntVar(&o.keys, "keys", 48, "how many keys have a client")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano())%1_000_000, "of the moments at which things happen")
	flag.DurationVar(&o.deadline, "deadline", 2*time.Hour, "after which it gives up")
	flag.BoolVar(&o.short, "short", false, "all scenarios, as in CI")
	flag.BoolVar(&o.all, "all", false, "all scenarios, as often as in make torture")
	flag.BoolVar(&o.plant, "planted", false, "each bug that can be planted, with the scenario that must find it")
	flag.StringVar(&o.bug, "bug", "", "with -planted: this one alone")
	flag.StringVar(&o.ledgers, "ledgers", "", "the folder for the ledgers, which then stay; a new one if empty, which stays if "+
		"something is wrong")
	flag.StringVar(&o.judge, "judge", "", "judge what the ledgers in a folder hold, of this program or of one that died")
	flag.StringVar(&o.keep, keeper, "", "be the process that keeps a ledger: append what comes to this file")
	flag.Usage = usage
	flag.Parse()
	if o.keep != "" {
		if err := keep(o.keep, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "torture:", err)
			os.Exit(1)
		}
		return
	}
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

// usage prints the flags that are for people.
func usage() {
	shown := flag.NewFlagSet("torture", flag.ContinueOnError)
	flag.VisitAll(func(f *flag.Flag) {
		if f.Name != keeper {
			shown.Var(f.Value, f.Name, f.Usage)
		}
	})
	shown.SetOutput(flag.CommandLine.Output())
	shown.Usage = nil
	fmt.Fprintln(shown.Output(), "Usage of torture, from the repository's root:")
	shown.PrintDefaults()
}

func run(ctx context.Context, o options) (err error) {
	if o.judge != "" {
		return judgeFolder(o.judge)
	}
	w, err := newWorkshop(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	if w.ledgers = o.ledgers; w.ledgers == "" {
		if w.ledgers, err = os.MkdirTemp("", "torture-ledgers-"); err != nil {
			return err
		}
		defer func() {
			if err == nil || o.plant {
				_ = os.RemoveAll(w.ledgers)
			}
		}()
	}
	w.seed, w.clients, w.patience = o.seed, o.keys, time.Minute
	if w.heap = 1500; o.all {
		w.heap = 10000
	}
	fmt.Printf("seed %d, ledgers in %s\n", o.seed, w.ledgers)
	if o.plant {
		return plants(ctx, w, o.bug)
	}
	if !o.short && !o.all {
		i := slices.IndexFunc(scenarios, func(s *scenario) bool { return s.name == o.scenario && slices.Contains(s.storages, o.storage) })
		if i < 0 {
			return fmt.Errorf("there is no scenario %q on %s; there are %s", o.scenario, o.storage, strings.Join(names(), ", "))
		}
		if o.times == 0 {
			o.times = scenarios[i].inShort(o.storage)
		}
		return report(perform(ctx, w, scenarios[i], o.storage, o.times, o.brokers))
	}
	var failed []error
	for _, s := range scenarios {
		for _, storage := range s.storages {
			if !o.all && slices.Contains(s.long, storage) {
				continue
			}
			times, brokers := s.inShort(storage), 4
			if o.all {
				times, brokers = s.full, 50
			}
			if err := report(perform(ctx, w, s, storage, times, brokers)); err != nil {
				failed = append(failed, fmt.Errorf("%s %s: %w", storage, s.name, err))
			}
		}
	}
	return errors.Join(failed...)
}

// errFlawed: a promise was broken; which one is printed.
var errFlawed = errors.New("a promise was broken")

// outcome is what came of a scenario.
type outcome struct {
	scenario, storage string
	times             int
	took              time.Duration
	verdict           *verdict // nil if it was not held against the ledgers
	checks            []string // what else is wrong
	heard             string
	told              string // the scenario's own line
	dealt             string // which troubles there were
	err               error  // it could not be brought to its end
}

// wrong returns what is wrong, the ledgers' findings first; nil if nothing is.
func (o *outcome) wrong() []string {
	var all []string
	if v := o.verdict; v != nil {
		for _, x := range []struct {
			n    int
			word string
		}{{v.Lost, "lost"}, {v.Phantom, "phantom"}, {v.Inversions, "inversions"}, {v.Excess, "duplicates beyond the bound"}} {
			if x.n > 0 {
				all = append(all, fmt.Sprint(x.n, " ", x.word))
			}
		}
	}
	all = append(all, o.checks...)
	if o.err != nil {
		all = append(all, o.err.Error())
	}
	return all
}

// perform runs a scenario to its end.
func perform(ctx context.Context, w *workshop, s *scenario, storage string, times, brokers int, env ...string) *outcome {
	o := &outcome{scenario: s.name, storage: storage, times: times}
	begin := time.Now()
	defer func() { o.took = time.Since(begin) }()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute+time.Duration(times)*max(s.each, time.Minute/2))
	defer cancel()
	var b *broker
	var shared *cluster
	switch storage {
	case "kafka":
		b, o.err = newBroker(w)
	case onCluster:
		shared, b, o.err = newCluster(w)
	}
	if o.err != nil {
		return o
	}
	defer b.close()
	defer shared.close()
	r, err := newRound(w, s, b, shared, env...)
	if err != nil {
		o.err = err
		return o
	}
	defer r.close()
	r.brokers = brokers
	live, cut := context.WithCancel(ctx)
	defer cut()
	defer func() { o.told = r.told }()
	if o.err = s.does(live, r, times); o.err != nil {
		cut()
		if ctx.Err() == nil && !errors.Is(o.err, errSkipped) && !s.alone { // the ledgers may tell why
			r.clients.finish()
			_ = r.done(ctx)
			v, err := r.ledger.judge()
			o.verdict, o.err = v, errors.Join(o.err, err)
		}
		return o
	}
	if !s.alone {
		if o.verdict, o.err = r.settle(ctx); o.err != nil {
			return o
		}
		if n := len(r.ledger.odd); n > 0 {
			o.checks = append(o.checks, fmt.Sprint(n, " odd answers"))
		}
	}
	o.checks = append(o.checks, r.checks...)
	for _, what := range slices.Sorted(maps.Keys(r.dealt)) {
		o.dealt += fmt.Sprintf(" %s %d,", what, r.dealt[what])
	}
	words, count := r.ledger.words()
	for _, w := range words {
		o.heard += fmt.Sprintf(" %s %d", w, count[w])
	}
	return o
}

// report prints an outcome, and returns an error if something is wrong.
func report(o *outcome) error {
	if o.err != nil && (errors.Is(o.err, errSkipped) || absent(o.err)) {
		fmt.Printf("torture %s %s %d skipped: %v\n", o.storage, o.scenario, o.times, o.err)
		if os.Getenv("CI") == "true" {
			return o.err
		}
		return nil
	}
	if o.told != "" {
		fmt.Println(o.told)
	}
	switch v := o.verdict; {
	case o.err != nil:
		fmt.Printf("torture %s %s %d FAILED: %v\n", o.storage, o.scenario, o.times, o.err)
		if v != nil {
			fmt.Println("   "+v.String()+"\n  ", strings.Join(v.Notes, "\n   "))
		}
	case v == nil:
		fmt.Printf("torture %s %s %d told\n   %s\n", o.storage, o.scenario, o.times, o.took.Round(time.Second))
	default:
		fmt.Printf("torture %s %s %d %s\n", o.storage, o.scenario, o.times, v)
		fmt.Printf("   %s; %d orders told 202, %d effects, at most %d doubled by one cause; clients heard:%s\n", o.took.Round(time.Second),
			v.Told, v.Effects, v.Worst, o.heard)
		for _, n := range v.Notes {
			fmt.Println("   " + n)
		}
	}
	if o.dealt != "" {
		fmt.Println("   of these" + strings.TrimSuffix(o.dealt, ","))
	}
	for _, n := range o.checks {
		fmt.Println("   " + n)
	}
	if o.wrong() != nil {
		return errFlawed
	}
	return nil
}

func names() (all []string) {
	for _, s := range scenarios {
		all = append(all, s.name)
	}
	return all
}
