// Package letters is what becomes of messages that could not be handled: they are kept as dead letters, the operations of
// accepted requests fail with them, and operators have them replayed or discarded.
//
// A replay is addressed to the group where the message died, and happens in three durable steps: the letter is claimed in
// the store, which one operator gets; its message is published to its topic again, under the id that it had; the store
// notes that the topic has it. Between any two of them the process may end: what is claimed and not noted is published
// again at the next start, and the inbox knows the id. What became of the replay is noted by the consumer, after its
// inbox and before its ack.
package letters
