// Package nats keeps topics on JetStream of NATS, by Watermill's adapter (github.com/ThreeDotsLabs/watermill-nats). A topic is a stream
// with one subject, a group is a durable pull consumer, and events travel as CloudEvents' binding for NATS says, in binary mode:
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/nats-protocol-binding.md
//
// What the adapter does not do is done here, by NATS's own client: making streams and consumers, keeping what is in hand from being given
// to others, counting, and removing what all groups have finished.
package nats
