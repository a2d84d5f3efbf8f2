// Command cluster runs a project on three nodes on this machine, for trying what happens when parts of it die: the nodes of Fondaco
// behind a balancer, PostgreSQL, Kafka, Redis where it is installed, and the simulators of the project's systems. It prints where
// everything is and how each part is killed and started again, and ends all of it at Ctrl-C or when its time is over.
//
//	go run ./scripts/cluster [-for 30m] [-listen 127.0.0.1:8080] [-control 127.0.0.1:8070] [PROJECT]
//	go run ./scripts/cluster -measure
//
// Nothing of it is kept, and nothing of it is meant for production. It is run from the root of the repository.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	o := options{nodes: 3, project: "examples/dime"}
	flag.StringVar(&o.program, "program", "bin/fondaco", "the program that the nodes run")
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8080", "where the balancer listens")
	flag.StringVar(&o.control, "control", "127.0.0.1:8070", "where parts are killed and started")
	bound := flag.Duration("for", 30*time.Minute, "after which everything is stopped")
	measures := flag.Bool("measure", false, "measure what three nodes do beside one, and how long a takeover takes, and end")
	flag.IntVar(&o.handOvers, "hand-overs", 0, "with -measure: so many planned hand-overs alone")
	flag.Parse()
	if flag.NArg() > 0 {
		o.project = flag.Arg(0)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, *bound)
	does := func() error { return serve(ctx, o, *bound) }
	if *measures {
		does = func() error { return measure(ctx, o) }
	}
	err := does()
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

// serve runs a cluster until ctx ends.
func serve(ctx context.Context, o options, bound time.Duration) error {
	c, err := begin(ctx, o)
	if err != nil {
		return err
	}
	defer c.end()
	c.announce(os.Stdout, bound)
	<-ctx.Done()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		fmt.Printf("\n%s are over.", bound)
	}
	fmt.Println("\nEverything is stopped.")
	return nil
}
