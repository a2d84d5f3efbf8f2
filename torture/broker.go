package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"fondaco/messaging/kafka/kafkatest"
)

// broker is a real Kafka node of one scenario.
type broker struct {
	node *kafkatest.Server
}

// newBroker formats and starts a node, with settings beside the usual ones. The caller closes it. kafkatest.ErrAbsent if there is none.
func newBroker(w *workshop, settings ...string) (*broker, error) {
	w.nodes++
	dir := filepath.Join(w.dir, "kafka", string(rune('a'+w.nodes)))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	node, err := kafkatest.NewServer(dir, settings...)
	if err != nil {
		return nil, err
	}
	b := &broker{node}
	if err := node.Start(); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *broker) addr() string { return b.node.Addr }

func (b *broker) close() {
	if b != nil {
		b.node.Kill()
	}
}

// killed kills the broker under load and starts it again after a while. What an engine has in hand then may be taken
// from it, and be done again.
func (b *broker) killed(ctx context.Context, r *round, away time.Duration) error {
	over := r.ledger.disturb(disturbance{What: "a kill of the broker", Bound: inFlight})
	b.node.Kill()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(away):
	}
	if err := b.node.Start(); err != nil {
		return err
	}
	// The membership ends when the broker finds that nothing was heard of it.
	time.AfterFunc(12*time.Second, over)
	return nil
}
