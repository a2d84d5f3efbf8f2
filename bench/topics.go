package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// moved is how many records each program brings from the topic to the system.
const moved = 60_000

// measureTopics has Fondaco and a consumer by hand bring the records of a Kafka topic of 12 partitions to a system over
// HTTP, and prints the records a second of each and their ratio.
func (b *bench) measureTopics(ctx context.Context) error {
	if _, err := os.Stat(".tools/kafka/lib"); err != nil {
		fmt.Println("E2E skipped: Kafka is not here; scripts/kafka fetch brings it")
		return nil
	}
	addr, stop, err := b.startKafka(ctx)
	if err != nil {
		return err
	}
	defer stop()
	fill := exec.CommandContext(ctx, filepath.Join(b.dir, "baseline"), "records", "http://-", strconv.Itoa(moved))
	fill.Env = append(os.Environ(), "KAFKA="+addr, "BODY="+string(smallDocument()))
	if out, err := fill.CombinedOutput(); err != nil {
		return fmt.Errorf("filling the topic: %w\n%s", err, out)
	}
	theirs, err := b.move(ctx, func(listen string) (*process, error) {
		return start(ctx, listen, []string{"KAFKA=" + addr}, filepath.Join(b.dir, "baseline"), "move", b.origin, listen)
	})
	if err != nil {
		return fmt.Errorf("by hand: %w", err)
	}
	ours, err := b.move(ctx, func(listen string) (*process, error) {
		return b.startFondaco(ctx, listen, "bench/topics", "STATE="+filepath.Join(b.dir, "topics.db"), "TOPICS=kafka://"+addr)
	})
	if err != nil {
		return err
	}
	fmt.Printf("E2E records/s ratio %.2f target 0.80\n   Kafka, 12 partitions, 1 KB, to HTTP; beside a consumer group of Sarama and net/http by hand\n", ours.rate/theirs.rate)
	fmt.Printf("   fondaco  %7.1f CPU ms per 1,000 records, %7.0f records/s\n   by hand  %7.1f CPU ms per 1,000 records, %7.0f records/s\n", ours.cpu, ours.rate, theirs.cpu, theirs.rate)
	return nil
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
				return fmt.Errorf("%d of %d records came in 2 minutes:\n%s", sunk.Load(), moved, p.log)
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
	if err := until(moved); err != nil {
		return sample{}, err
	}
	count, took := float64(moved-from), time.Since(began)
	after, err := p.cpu()
	return sample{cpu: float64((after - before).Microseconds()) / count, rate: count / took.Seconds()}, err
}

// startKafka runs a node on loopback in a folder of its own. It takes two ports in a row, of which the second may be
// somebody's: it is tried on three.
func (b *bench) startKafka(ctx context.Context) (addr string, stop func(), err error) {
	for try := range 3 {
		if addr, stop, err = b.startKafkaOnce(ctx, filepath.Join(b.dir, "kafka"+strconv.Itoa(try))); err == nil {
			return addr, stop, nil
		}
	}
	return "", nil, err
}

func (b *bench) startKafkaOnce(ctx context.Context, dir string) (addr string, stop func(), err error) {
	addr, err = freeAddress()
	if err != nil {
		return "", nil, err
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", nil, err
	}
	script := func(ctx context.Context, word string) error {
		c := exec.CommandContext(ctx, "scripts/kafka", word, dir)
		c.Env = append(os.Environ(), "FONDACO_KAFKA_PORT="+port, "FONDACO_KAFKA_JAVA=-Xmx1g -XX:+UseSerialGC")
		c.Stderr = os.Stderr
		if err := c.Run(); err != nil {
			return fmt.Errorf("scripts/kafka %s: %w", word, err)
		}
		return nil
	}
	if err := script(ctx, "up"); err != nil {
		return "", nil, err
	}
	return addr, func() { _ = script(context.WithoutCancel(ctx), "down") }, nil
}
