package messaging

// Promises are what a kind of broker keeps, so that a project that needs what its broker does not promise is refused before it runs.
type Promises struct {
	// Confirms: Publish returns nil only once the messages are durable; accept: async and publish need that.
	Confirms bool
	// OrderByKey: messages of one key are worked on one after the other, in the order of publishing, also through retries.
	OrderByKey bool
	// Delay: a message that is published with a due time comes then, however many wait, and keeps nothing else waiting.
	Delay bool
	// Plain: topics may hold records that are no CloudEvents.
	Plain bool
}
