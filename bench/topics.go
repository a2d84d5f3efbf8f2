package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// measureTopics has Fondaco and a consumer by hand bring the records of a Kafka topic of 12 partitions to a system over
// HTTP, by turns, and prints the records a second of each and their ratio.
func (b *bench) measureTopics(ctx context.Context) error {
	b.endBroker() // its topics are those of the works before
	addr, err := b.broker()
	if err != nil {
		return err
	}
	fill := exec.CommandContext(ctx, filepath.Join(b.dir, "baseline"), "records", "http://-", strconv.Itoa(b.records))
	fill.Env = append(os.Environ(), "KAFKA="+addr, "BODY="+string(smallDocument()))
	if out, err := fill.CombinedOutput(); err != nil {
		return fmt.Errorf("filling the topic: %w\n%s\nthe node's log:\n%s", err, out, b.kafka.Log())
	}
	type mover struct {
		name    string
		begin   func(listen string) (*process, error)
		samples []sample
	}
	movers := []*mover{{name: "by hand", begin: func(listen string) (*process, error) {
		return start(ctx, listen, []string{"KAFKA=" + addr, "GROUP=" + rand.Text()}, filepath.Join(b.dir, "baseline"), "move", b.origin, listen)
	}}}
	for _, x := range b.builds() {
		movers = append(movers, &mover{name: x.name, begin: func(listen string) (*process, error) {
			state, project, err := b.ofItsOwn()
			if err != nil {
				return nil, err
			}
			return b.startFondaco(ctx, x, listen, project, "STATE="+state, "TOPICS=kafka://"+addr)
		}})
	}
	for range b.rounds {
		for _, m := range movers {
			one, err := b.move(ctx, m.begin)
			if err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
			m.samples = append(m.samples, one)
		}
	}
	theirs := median(movers[0].samples)
	line := fmt.Sprintf("E2E records/s ratio %.2f target 0.80", median(movers[1].samples).rate/theirs.rate)
	if b.beside != "" {
		line += fmt.Sprintf(" beside %.2f", median(movers[2].samples).rate/theirs.rate)
	}
	fmt.Printf("%s\n   Kafka, 12 partitions, 1 KB, to HTTP; beside a consumer group of Sarama and net/http by hand\n", line)
	for i := range movers {
		m := movers[(i+1)%len(movers)] // by hand comes last
		one := median(m.samples)
		fmt.Printf("   %-8s %7.1f CPU ms per 1,000 records, %7.0f records/s, CPU ratio %.2f\n", m.name, one.cpu, one.rate, one.cpu/theirs.cpu)
	}
	return nil
}

// ofItsOwn makes a place of state and a copy of the topics' project whose name, and so its group, nobody had before: each run
// reads the topic from its beginning.
func (b *bench) ofItsOwn() (state, project string, err error) {
	dir, err := os.MkdirTemp(b.dir, "topics-")
	if err != nil {
		return "", "", err
	}
	project, err = inProject(dir)
	return filepath.Join(dir, "topics.db"), project, err
}

// move runs a program until the system has all records, and measures from the thousandth on: joining a group takes its
// time on both sides.
func (b *bench) move(ctx context.Context, begin func(listen string) (*process, error)) (sample, error) {
	listen, err := freeAddress()
	if err != nil {
		return sample{}, err
	}
	sunk.Store(0)
	p, err := begin(listen)
	if err != nil {
		return sample{}, err
	}
	defer p.stop()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	until := func(n int64) error {
		for sunk.Load() < n {
			select {
			case <-ctx.Done():
				return fmt.Errorf("%d of %d records came in 2 minutes:\n%s", sunk.Load(), b.records, p.log)
			case <-time.After(time.Millisecond):
			}
		}
		return nil
	}
	if err := until(1000); err != nil {
		return sample{}, err
	}
	from, began := sunk.Load(), time.Now()
	before, err := p.cpu()
	if err != nil {
		return sample{}, err
	}
	written := b.profile(ctx, p, "E2E", min(b.lasting, time.Duration(b.records)*time.Second/30_000))
	if err := until(int64(b.records)); err != nil {
		return sample{}, err
	}
	count, took := float64(int64(b.records)-from), time.Since(began)
	after, err := p.cpu()
	if err == nil {
		err = <-written
	}
	return sample{cpu: float64((after - before).Microseconds()) / count, rate: count / took.Seconds()}, err
}
