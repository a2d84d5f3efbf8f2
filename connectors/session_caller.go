package connectors

import (
	"context"
	"errors"
	"sync"
	"time"

	"fondaco/schema"
	"fondaco/transform/expr"
)

// Open makes the system ready to be called, with a session where its connector says one, and operations that others do.
// It calls nothing yet. The caller is to be closed by whoever asked for it.
func (s *System) Open(ctx context.Context, d Deps) (Caller, error) {
	caller, err := s.openSession(ctx, d)
	if err != nil || !s.Connector.adapts() {
		return caller, err
	}
	params, err := s.ParamValues(s.Connector.ParamsType())
	if err != nil {
		_ = caller.Close()
		return nil, err
	}
	x := &adaptedCaller{Caller: caller, system: s.Name, params: params}
	if t := s.Connector.ruleParams(); t != nil {
		if x.rules, err = s.ParamValues(t); err != nil {
			_ = caller.Close()
			return nil, err
		}
	}
	return x, nil
}

func (s *System) openSession(ctx context.Context, d Deps) (Caller, error) {
	caller, err := s.Connector.Protocol.Open(ctx, s, d)
	if err == nil && s.Connector.narrows() {
		caller = narrowCaller{Caller: caller, system: s.Name}
	}
	session := s.Connector.Session
	if err != nil || session == nil || session.login == nil || session.ticket == nil {
		return caller, err
	}
	in, err := session.credentials(s)
	if err != nil {
		_ = caller.Close()
		return nil, err
	}
	login, err := caller.Call(session.login, session.login.Output)
	if err != nil {
		_ = caller.Close()
		return nil, err
	}
	return &sessionCaller{
		Caller: caller, session: session, system: s, in: in, login: login, ticket: session.ticket.Compile(schema.TypeText),
		now: d.Now.Now, turn: make(chan struct{}, 1),
	}, nil
}

// sessionCaller logs in when there is no ticket that is good, and again when an answer says that it is none.
type sessionCaller struct {
	Caller
	session *Session
	system  *System
	in      schema.Value
	login   Call
	ticket  expr.Eval
	now     func() time.Time
	turn    chan struct{} // one logs in at a time

	mu      sync.Mutex
	current string
	number  int // of log-ins that gave a ticket
	until   time.Time
	refused *Fault // the last log-in was, and is not tried again before notBefore
	before  time.Time
}

// pause is how long a refused log-in is not tried again: systems lock users out.
const pause = 30 * time.Second

var errTicket = errors.New("the ticket is refused right after a new log-in")

// Call prepares the calls of one operation: those that carry the ticket get it.
func (c *sessionCaller) Call(op *Operation, want *schema.Type) (Call, error) {
	do, err := c.Caller.Call(op, want)
	if err != nil || op.full == nil {
		return do, err
	}
	field := c.session.Send.Value
	return func(ctx context.Context, in schema.Value) (schema.Value, error) {
		ticket, number, err := c.get(ctx, 0)
		if err != nil {
			return schema.Value{}, c.blame(err, op)
		}
		out, err := do(ctx, op.sending(in, field, ticket))
		if f := AsFault(err); f == nil || !f.session {
			return out, err
		}
		if ticket, _, err = c.get(ctx, number); err != nil {
			return schema.Value{}, c.blame(err, op)
		}
		out, err = do(ctx, op.sending(in, field, ticket))
		if f := AsFault(err); f != nil && f.session {
			f.Err = errors.Join(errTicket, f.Err)
		}
		return out, err
	}, nil
}

// blame makes a failed log-in the fault of the operation that needed it: nothing was sent for that.
func (c *sessionCaller) blame(err error, op *Operation) error {
	f := &Fault{System: c.system.Name, Operation: op.Name, Kind: Unavailable, Err: err}
	if cause := AsFault(err); cause != nil {
		f.RetryAfter = cause.RetryAfter
		if cause.Kind == Timeout {
			f.Kind = Timeout
		}
	}
	return f
}

// get returns a ticket that is newer than the one of the log-in with this number.
func (c *sessionCaller) get(ctx context.Context, stale int) (ticket string, number int, err error) {
	if ticket, number, err, done := c.kept(stale); done {
		return ticket, number, err
	}
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return "", 0, context.Cause(ctx)
	}
	defer func() { <-c.turn }()
	if ticket, number, err, done := c.kept(stale); done {
		return ticket, number, err
	}
	answer, err := c.login(ctx, c.in)
	if err == nil {
		frame := expr.Frame{Slots: make([]schema.Value, c.session.ticketSize), Budget: failBudget}
		frame.Slots[0] = answer
		var v schema.Value
		if v, err = c.ticket(&frame); err == nil {
			ticket = v.Str()
		}
		if err == nil && ticket == "" {
			err = errors.New("the answer of the log-in holds no ticket")
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		if f := AsFault(err); f != nil && f.Kind == Refused {
			c.refused, c.before = f, c.now().Add(pause)
		}
		return "", 0, err
	}
	c.number++
	c.current, c.until, c.refused = ticket, c.now().Add(c.session.Keep), nil
	return ticket, c.number, nil
}

// kept returns the ticket there is, or the reason for which none is asked for; done reports whether there is either.
func (c *sessionCaller) kept(stale int) (ticket string, number int, err error, done bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	switch {
	case c.refused != nil && now.Before(c.before):
		return "", 0, c.refused, true
	case c.number > stale && c.current != "" && now.Before(c.until):
		return c.current, c.number, nil, true
	}
	return "", 0, nil, false
}
