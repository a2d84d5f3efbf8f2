package kafka

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"fondaco/store"
)

// intents notes calls in the durable store of this process and in a topic that the project's processes share. The order of
// the topic's records decides between two that begin the same call at the same time: the first one makes it.
type intents struct {
	durable store.Intents
	log     *intentLog

	mu      sync.Mutex
	own     map[callKey]*claim   // written here, and neither taken back nor ended
	touched map[exchangeKey]bool // exchanges of which this process has noted or found calls
}

// Intents returns a memory of calls that all processes of the project on this cluster share, so that one that takes over the
// work of another which was killed knows what that had begun. durable remembers besides what this process has begun. What is
// noted costs the writing of a record to all in-sync copies and its reading; calls of exchanges that begin with
// store.LocalExchange are in durable alone. While the cluster does not answer no call is begun: the error is store.ErrIO. It
// ends with the broker.
func (b *Broker) Intents(durable store.Intents) store.Intents {
	return &intents{durable: durable, log: newIntentLog(b), own: map[callKey]*claim{}, touched: map[exchangeKey]bool{}}
}

type (
	exchangeKey [16]byte
	callKey     [32]byte // exchange and step
	nonce       [8]byte  // of one note
)

// claim is a note of this process.
type claim struct {
	nonce nonce
	won   bool // it is known to be the first of its call
}

func exchangeKeyOf(exchange string) exchangeKey {
	sum := sha256.Sum256([]byte(exchange))
	return exchangeKey(sum[:16])
}

func callKeyOf(exchange, step string) (k callKey) {
	e, sum := exchangeKeyOf(exchange), sha256.Sum256([]byte(step))
	copy(k[:], e[:])
	copy(k[16:], sum[:])
	return k
}

func (k callKey) exchange() exchangeKey { return exchangeKey(k[:16]) }

func local(exchange string) bool {
	return len(exchange) > 0 && exchange[:1] == store.LocalExchange
}

// unasked says why a call is not begun.
func unasked(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = errors.Join(ctx.Err(), err)
	}
	return fmt.Errorf("%w: whether another process has begun a call cannot be asked: %w", store.ErrIO, err)
}

func (n *intents) Begin(ctx context.Context, i store.Intent) error {
	if err := n.durable.Begin(ctx, i); err != nil || local(i.Exchange) {
		return err
	}
	k := callKeyOf(i.Exchange, i.Step)
	mine, won := n.claim(k)
	if won {
		return nil
	}
	n.log.start()
	seen := n.log.expect(mine)
	defer n.log.forgo(mine)
	if err := n.log.write(ctx, record{call: k, nonce: mine, word: begun, at: i.At, operation: i.Operation}); err != nil {
		return unasked(ctx, err)
	}
	select {
	case <-seen:
	case <-ctx.Done():
		return unasked(ctx, errUnread)
	}
	if first, _ := n.log.first(k); first.nonce == mine {
		n.wins(k, mine)
		return nil
	}
	n.disown(k)
	_ = n.log.send(ctx, record{call: k, nonce: mine}) // if it fails the call stays in doubt
	return fmt.Errorf("%w: another process has begun the call", store.ErrBegun)
}

// claim returns this process's note of a call, and whether it is known to be the first.
func (n *intents) claim(k callKey) (mine nonce, won bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.touched[k.exchange()] = true
	if n.own[k] == nil {
		n.own[k] = &claim{nonce: newNonce()}
	}
	return n.own[k].nonce, n.own[k].won
}

func (n *intents) wins(k callKey, mine nonce) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if c := n.own[k]; c != nil && c.nonce == mine {
		c.won = true
	}
}

func (n *intents) disown(k callKey) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.own, k)
}

func (n *intents) touch(e exchangeKey) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.touched[e] = true
}

// Find trusts what it has read so far where that says nothing: Begin is what decides then. What is known here counts, unless
// an operator has said since, on any of the processes, that it had no effect.
func (n *intents) Find(ctx context.Context, exchange, step string) (store.Intent, error) {
	i, err := n.durable.Find(ctx, exchange, step)
	if local(exchange) || err != nil && !errors.Is(err, store.ErrAbsent) {
		return i, err
	}
	n.log.start()
	k := callKeyOf(exchange, step)
	here := err == nil
	if _, found := n.log.first(k); !found && !here {
		return i, err
	}
	if err := n.log.catchUp(ctx); err != nil { // it may have been forgotten since
		return i, unasked(ctx, err)
	}
	known, found := n.log.first(k)
	switch {
	case here && (found || !n.log.isFreed(k.exchange())):
		return i, nil
	case here:
		n.disown(k)
		if err := n.durable.Release(ctx, exchange, step); err != nil {
			return i, err
		}
		return store.Intent{}, fmt.Errorf("exchange %s: %w", exchange, store.ErrAbsent)
	case !found:
		return i, err
	}
	n.touch(k.exchange())
	return store.Intent{Exchange: exchange, Step: step, Operation: known.operation, At: known.at}, nil
}

func (n *intents) Any(ctx context.Context, exchange string) (bool, error) {
	here, err := n.durable.Any(ctx, exchange)
	if err != nil || local(exchange) {
		return here, err
	}
	n.log.start()
	if err := n.log.catchUp(ctx); err != nil {
		return here, unasked(ctx, err)
	}
	e := exchangeKeyOf(exchange)
	return len(n.log.of(e)) > 0 || here && !n.log.isFreed(e), nil
}

func (n *intents) Release(ctx context.Context, exchange, step string) error {
	if err := n.durable.Release(ctx, exchange, step); err != nil || local(exchange) {
		return err
	}
	k := callKeyOf(exchange, step)
	n.mu.Lock()
	mine := n.own[k]
	n.mu.Unlock()
	if mine == nil {
		return nil
	}
	if err := n.log.write(ctx, record{call: k, nonce: mine.nonce}); err != nil {
		return unasked(ctx, err)
	}
	n.disown(k)
	return nil
}

// End leaves the notes in the topic for a while: another process, whose inbox does not know the work, may be given it again.
func (n *intents) End(ctx context.Context, exchanges ...string) error {
	err := n.durable.End(ctx, exchanges...)
	var ended []record
	for _, x := range exchanges {
		e := exchangeKeyOf(x)
		n.mu.Lock()
		touched := n.touched[e]
		delete(n.touched, e)
		n.mu.Unlock()
		if !touched || local(x) {
			continue
		}
		for _, r := range n.log.end(e) {
			n.disown(r.call)
			ended = append(ended, r)
		}
	}
	if len(ended) > 0 {
		_ = n.log.send(ctx, ended...) // what fails stays for as long as it may
	}
	return err
}

func (n *intents) Forget(ctx context.Context, exchanges ...string) error {
	if err := n.durable.Forget(ctx, exchanges...); err != nil || len(exchanges) == 0 {
		return err
	}
	n.log.start()
	if err := n.log.catchUp(ctx); err != nil {
		return unasked(ctx, err)
	}
	var gone []record
	for _, x := range exchanges {
		if local(x) {
			continue
		}
		e := exchangeKeyOf(x)
		for _, r := range n.log.of(e) {
			n.disown(r.call)
			gone = append(gone, record{call: r.call, nonce: r.nonce})
		}
		// Another process may have begun them: its own state is told by this.
		free := record{nonce: newNonce(), word: freed, at: n.log.b.o.Clock.Now()}
		copy(free.call[:], e[:])
		gone = append(gone, free)
	}
	if len(gone) == 0 {
		return nil
	}
	if err := n.log.write(ctx, gone...); err != nil {
		return unasked(ctx, err)
	}
	if err := n.log.catchUp(ctx); err != nil { // so that this process knows it when the work comes again
		return unasked(ctx, err)
	}
	return nil
}

var errUnread = errors.New("what was written to the topic of intents was not read in time")
