package connectors

// Simulator plays a system on its protocol's own wire. Its methods may be called from several goroutines, one at a time.
type Simulator interface {
	// Start listens at a place, and returns it; the zero Place stands for any that is free on this machine.
	Start(at Place) (Place, error)
	// Stop closes the listener and every connection, as a system does that goes down, and waits until nothing runs any
	// more. The simulator may be started again.
	Stop()
	// Down has every call broken off without an answer, until it is told otherwise.
	Down(down bool)
	// Follow has calls answered from here on as next, which was not started, would answer them; those under way end as
	// they began. It reports false, and does nothing, if it cannot: next is of another protocol.
	Follow(next Simulator) bool
}
