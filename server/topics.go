package server

import (
	"fondaco/messaging"
	"fondaco/store"
)

// Topics are what requests that are done later, and requests under an Idempotency-Key, are kept with.
type Topics struct {
	Broker      messaging.Broker  // nil: no request is done later
	Operations  store.Operations  // the states of accepted requests; nil: none is accepted
	Idempotency store.Idempotency // what was answered under Idempotency-Key
	Intents     store.Intents     // the calls that were begun and may not be made again; nil: none is noted

	// Secret returns what ids are made with that follow from what callers send: the same in all processes that share
	// Broker, so that a request that is sent again to another one has the id that it had. An empty one is not known yet.
	Secret func() []byte

	// Sealed says that what is kept of requests that wait is encrypted in Broker: it may bear the pseudonyms of callers, also where others
	// read its log.
	Sealed bool

	// Pseudonyms returns the key of the pseudonyms of callers, under which what is kept is found; an empty one is not known yet. nil:
	// Secret is.
	Pseudonyms func() []byte

	Alone bool // no other process works on the messages of Broker: a request that waits can be cancelled
}

// Work is what is done with accepted requests after they were answered.
type Work interface {
	// Withdraw runs do, which makes the cancellation of an accepted request durable, while no work on it can begin. It returns
	// store.ErrBegun if the request is being worked on, and do's error.
	Withdraw(id string, do func() error) error
}
