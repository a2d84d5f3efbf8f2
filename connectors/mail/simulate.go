package mail

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"fondaco/connectors"
)

// simulator is a small server of SMTP that answers from samples.
type simulator struct {
	connectors.Listener
	answers atomic.Pointer[answers]
}

// answers are what a simulator answers.
type answers struct {
	connector  *connectors.Connector
	simulation connectors.Simulation
}

// simulated creates the simulator of a connector.
func simulated(c *connectors.Connector, s connectors.Simulation) (connectors.Simulator, error) {
	if _, ok := c.Wire.(*wire); !ok {
		return nil, errors.New("the connector says nothing under mail")
	}
	made := &simulator{}
	made.Scheme = "smtp"
	made.Serve = func(ctx context.Context, conn net.Conn) {
		if !made.IsDown() {
			newDialogue(made, conn).run(ctx)
		}
	}
	made.answers.Store(&answers{c, s})
	return made, nil
}

// Follow answers as next from here on.
func (s *simulator) Follow(next connectors.Simulator) bool {
	other, ok := next.(*simulator)
	if ok {
		s.answers.Store(other.answers.Load())
	}
	return ok
}
