package messaging

// None returns the broker of a project without topics: it is well, and whoever uses it is told err.
func None(err error) Broker { return none{err} }

type none struct{ err error }

func (n none) Publish(string, ...*Envelope) error { return n.err }

func (n none) Subscriber(string, Options) (Subscriber, error) { return nil, n.err }

func (n none) Health() error { return nil }

func (n none) Close() error { return nil }
