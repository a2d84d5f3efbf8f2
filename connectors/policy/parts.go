package policy

import (
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
)

// parts are the policies in the order in which they surround a call, the outermost first. Each has a file.
var parts = []part{
	cachePart,       // an answer that is kept costs nothing and waits for nothing
	witnessPart,     // the whole call: what an attempt in between met says nothing
	ratePart,        // before the clock runs: waiting for a turn is not the system's slowness
	timeoutPart,     // the whole call, retries included, ends by then
	retryPart,       // each attempt asks the breaker and waits for a slot anew
	breakerPart,     // an open breaker takes no slot
	concurrencyPart, // slots are held while a request is under way, not between attempts
	meterPart,       // what one attempt takes, without what it waited for before
	attemptPart,     // innermost: one attempt
}

// part is one policy: all that it is. What has no fields is in force always.
type part struct {
	name    string                                                               // its key in YAML
	ofCalls bool                                                                 // a call may say it too, and is heard before its system
	fields  func(s *Set, o *spec.Object)                                         // declares the key
	said    func(s *Set) bool                                                    // whether something is said
	take    func(s, call *Set)                                                   // s takes what a call says; only ofCalls
	assume  func(s *Set)                                                         // what holds when nothing is said; nil for nothing
	setting func(s *Set) string                                                  // what is in force, in words; "" for nothing
	check   func(s *Set, op *connectors.Operation, pos diag.Pos, out *diag.List) // what an operation cannot have; nil for nothing
	wrap    func(s *Set, c called, sh *Shared) connectors.Policy                 // nil if nothing is in force
}

// called is what a call is of.
type called struct {
	op   *connectors.Operation
	want *schema.Type // of the answer
}
