package server

import "fondaco/routes/generation"

// served is a server whose programs the test swaps.
type served struct {
	*Server
	programs *generation.Series[ending]
}

// ending is a program in service, and what is called after its last exchange, unless it is nil.
type ending struct {
	routing *Routing
	end     func()
}

// newServed makes a server with nothing in service.
func newServed(c Config, d Deps) (*served, error) {
	all := generation.New(func(p ending) {
		if p.end != nil {
			p.end()
		}
	})
	d.Programs = taken{all}
	s, err := New(c, d)
	return &served{s, all}, err
}

// Swap serves a program.
func (s *served) Swap(p Program) error { return s.swap(p, nil) }

// swap serves a program; end is called after its last exchange.
func (s *served) swap(p Program, end func()) error {
	r, err := s.Routing(p)
	if err != nil {
		return err
	}
	return s.programs.Swap(ending{r, end})
}

// taken is the Programs of a server.
type taken struct{ *generation.Series[ending] }

func (t taken) Take() (*Routing, Lease) {
	g := t.Series.Take()
	if g == nil {
		return nil, nil
	}
	return g.Program.routing, g
}
