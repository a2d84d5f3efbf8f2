package routes

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/messaging"
	"fondaco/schema"
	"fondaco/store"
)

// A call whose effect is once, and which its system does not know by a key, is noted in the state before it is made, where
// the work that it belongs to may come again: work on accepted requests, on messages, runs and batches. What a call is
// known by is its exchange, step and iteration (identity.go). When the work comes again and the note is there, the call was
// begun and nobody knows how it ended, or it is known that it took effect: it is not made a second time. The note is taken
// back when the call is known to have had no effect, and goes when the work has ended.

// intention is what the call of one step is noted as.
type intention struct {
	intents store.Intents
	intent  store.Intent
	now     func() time.Time
}

type intentionKey struct{}

// noting is how long a note may take to be written or taken back once its exchange is cut short.
const noting = 5 * time.Second

// noted has each attempt at a call noted before it is made. It is the innermost policy: what others hold back is not
// noted, and costs nothing.
func noted(next connectors.Call) connectors.Call {
	return func(ctx context.Context, in schema.Value) (schema.Value, error) {
		i, _ := ctx.Value(intentionKey{}).(*intention)
		if i == nil {
			return next(ctx, in)
		}
		i.intent.At = i.now()
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), noting)
		err := i.intents.Begin(bounded, i.intent)
		cancel()
		if errors.Is(err, store.ErrBegun) {
			system, operation, _ := strings.Cut(i.intent.Operation, ".")
			return schema.Value{}, &connectors.Fault{System: system, Operation: operation, Kind: connectors.Unknown, Sent: true, Err: err}
		}
		if err == nil {
			err = ctx.Err() // the time was used up by the writing
		}
		if err != nil {
			if failed := i.release(ctx); failed != nil {
				err = fmt.Errorf("%w; %w", err, failed)
			}
			return schema.Value{}, i.unnoted(err)
		}
		out, err := next(ctx, in)
		if err != nil && withoutEffect(err) {
			if failed := i.release(ctx); failed != nil {
				return out, fmt.Errorf("%w; %w", err, failed)
			}
		}
		return out, err
	}
}

// release takes the note back.
func (i *intention) release(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), noting)
	defer cancel()
	if err := i.intents.Release(bounded, i.intent.Exchange, i.intent.Step); err != nil {
		return fmt.Errorf("that %s was not called cannot be noted: %w", i.intent.Operation, err)
	}
	return nil
}

// unnoted is the fault of a call that was not made as it could not be noted, or not be found out whether it was made before.
func (i *intention) unnoted(err error) error {
	return &connectors.Fault{
		System: "state", Operation: "intents", Kind: connectors.Unavailable, RetryAfter: topicsPause, Withheld: true,
		Whole: true, Err: err,
	}
}

// withoutEffect reports whether a call that ended so is known to have had no effect: it did not reach the system, or the
// system said no.
func withoutEffect(err error) bool {
	f := connectors.AsFault(err)
	if f == nil {
		return false
	}
	switch f.Kind {
	case connectors.Unavailable, connectors.Refused, connectors.NotFound, connectors.Conflict:
		return true
	case connectors.Unknown:
		return false
	}
	return !f.Sent
}

// undecided is the fault of a call whose outcome is not known yet, and is asked about when the work comes again.
type undecided struct {
	fault error
	after time.Duration
	away  string // what was away when it was asked; "" if it answered, or was not asked
}

func (u *undecided) Error() string { return u.fault.Error() }

func (u *undecided) Unwrap() error { return u.fault }

// Undecided reports whether an exchange ended with a call of which it is not known yet whether it took effect, and which is
// asked about when the exchange comes again, after that time.
func Undecided(err error) (after time.Duration, is bool) {
	var u *undecided
	if !errors.As(err, &u) {
		return 0, false
	}
	return u.after, true
}

var (
	errBegun = errors.New("the call was begun before, and how it ended is not known: it is not made again")
	errEarly = errors.New("the call may be on its way yet: it is asked about later")
)

// inquiring is how the calls of a binding are asked about.
type inquiring struct {
	*connectors.Inquiring
	call connectors.Call
}

// openInquiry makes the call by which those of the binding are asked about, if the operation says how; policies are those of
// its system.
func (b *binding) openInquiry(live *liveSystem, policies policy.Set) error {
	made, err := b.system.Inquiring(b.op, b.want)
	if made == nil || err != nil {
		return err
	}
	call, err := live.caller.Call(made.Operation, made.Want)
	if err != nil {
		return err
	}
	b.inquiry = &inquiring{made, call.With(policy.Merge(policies, policy.Set{}).Policies(made.Operation, made.Want, live.shared)...)}
	return nil
}

// once makes the call of a step whose effect is once and which no key protects.
func (b *binding) once(ctx context.Context, x *Exchange, p *Program, path string, in schema.Value) (schema.Value, error) {
	if x.shared.id == "" || p.intents == nil {
		return b.call(ctx, in)
	}
	name := b.system.Name + "." + b.op.Name
	i := &intention{intents: p.intents, now: p.now, intent: store.Intent{
		Exchange: x.shared.id, Step: x.identity(path) + "\x00" + name,
		Operation: name,
	}}
	known, err := p.intents.Find(ctx, i.intent.Exchange, i.intent.Step)
	if err == nil {
		return b.decide(ctx, i, known, in)
	}
	if !errors.Is(err, store.ErrAbsent) {
		return schema.Value{}, i.unnoted(err)
	}
	return b.make(ctx, i, in)
}

// make makes a call that was not begun before.
func (b *binding) make(ctx context.Context, i *intention, in schema.Value) (schema.Value, error) {
	out, err := b.call(context.WithValue(ctx, intentionKey{}, i), in)
	if f := connectors.AsFault(err); f != nil && f.Kind == connectors.Unknown && b.inquiry != nil {
		return out, &undecided{fault: err, after: b.inquiry.After}
	}
	return out, err
}

// decide brings a call that was begun before to an end: by asking the system about it, where that is possible.
func (b *binding) decide(ctx context.Context, i *intention, known store.Intent, in schema.Value) (out schema.Value, err error) {
	unknown := func(why error) error {
		return &connectors.Fault{System: b.system.Name, Operation: b.op.Name, Kind: connectors.Unknown, Sent: true, Err: why}
	}
	if b.inquiry == nil {
		return out, unknown(fmt.Errorf("%w (begun at %s)", errBegun, known.At.UTC().Format(time.RFC3339)))
	}
	done, out, err := b.inquiry.Ask(ctx, b.inquiry.call, in)
	f := connectors.AsFault(err)
	switch {
	case err == nil && done:
		return out, nil
	case err == nil:
	case f != nil && (f.Kind == connectors.Unavailable || f.Kind == connectors.Timeout): // of a read: it may be asked again
		return schema.Value{}, &undecided{unknown(err), f.RetryAfter, f.Away()}
	default:
		return schema.Value{}, unknown(fmt.Errorf("%w, and the question about it failed: %w", errBegun, err))
	}
	if left := b.inquiry.After - i.now().Sub(known.At); left > 0 {
		return schema.Value{}, &undecided{fault: unknown(errEarly), after: min(left, b.inquiry.After)}
	}
	if err := i.release(ctx); err != nil {
		return schema.Value{}, i.unnoted(err)
	}
	return b.make(ctx, i, in)
}

// begun reports whether the work on a message has begun a call, before, whose outcome is not known or that took effect.
func (p *Program) begun(ctx context.Context, exchange string) (bool, error) {
	if p.intents == nil {
		return false, nil
	}
	return p.intents.Any(ctx, exchange)
}

// exchangeOf returns the name of the exchange of a message of a consumer: the one under which calls of its work were noted
// when the group had another name, if some were, and else that of the group's present name.
func (p *Program) exchangeOf(ctx context.Context, c *Consumer, m messaging.Message) (string, error) {
	id := m.Identity()
	if c.Once {
		for _, group := range c.Also {
			exchange := ExchangeOf(false, group, id)
			if begun, err := p.begun(ctx, exchange); err != nil {
				return "", &messaging.Retry{After: topicsPause, Err: err}
			} else if begun {
				return exchange, nil
			}
		}
	}
	return ExchangeOf(false, c.Group, id), nil
}

// ExchangeOf returns the name under which calls of the work on a message are noted: identity is the message's, group the one
// that works on it, and accepted says that it is an accepted request.
func ExchangeOf(accepted bool, group, identity string) string {
	if accepted {
		return identity[strings.LastIndexByte(identity, ' ')+1:]
	}
	return group + " " + identity
}
