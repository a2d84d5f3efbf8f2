// Package messaging carries messages between routes by topics. A message once accepted is never lost: it ends handled
// or as a dead letter. Its form on the wire is CloudEvents 1.0 in binary mode, so that any other client can read and
// write the topics.
//
// Broker is the contract, and messaging/messagingtest the suite that every broker passes, as far as its Promises go: messaging/embedded
// on one machine, messaging/kafka on a cluster, messaging/watermill on any adapter of Watermill, for example NATS. Consumer works on what
// a Subscriber gives: retries with due times, dead letters, an inbox of finished ids, pauses.
package messaging
