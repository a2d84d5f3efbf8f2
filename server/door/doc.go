// Package door stands between the network and net/http. It checks the raw head of each HTTP/1 request, and the framing
// of its body, before net/http sees a byte of it: what could be read in two ways is refused, not repaired. A refused
// request is replaced by one that only the door can make, so that the refusal is answered in its turn, after the
// answers to the requests before it, and like any other answer.
package door
