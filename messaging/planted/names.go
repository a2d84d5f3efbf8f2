// Package planted names the bugs that builds for the torture can have, so that its tests are seen to find them. In any
// other build Is is false, and what asks it is compiled away.
package planted

// The bugs. torture/README.md tells of each which scenario finds it.
const (
	EarlyAccept    = "early-accept"    // 202 before the request is durable
	EarlyAck       = "early-ack"       // a message counts as finished before its work is done
	EarlyMark      = "early-mark"      // Kafka: what was read counts as finished
	NoInbox        = "no-inbox"        // nobody remembers what was finished
	RetrySkips     = "retry-skips"     // what comes again lets later messages of its key go first
	NoLanes        = "no-lanes"        // messages of one key are given out at the same time
	AcceptsRefused = "accepts-refused" // another request under a used Idempotency-Key is refused, and done
	NoAcks         = "no-acks"         // Kafka: acceptance is told without waiting for the cluster
	SilentCut      = "silent-cut"      // Kafka: a consumer whose log was cut off goes on behind the gap
	FailedIsDone   = "failed-is-done"  // a transaction that failed counts as committed
	HastyStop      = "hasty-stop"      // a stop cuts short what is in hand
	UnknownIsDead  = "unknown-is-dead" // an event whose fate is unknown ends the work that published it
	ForgetsRuns    = "forgets-runs"    // Kafka: what is finished beyond the committed offset is forgotten
)
