// Package messaging carries messages between routes by topics. A message once accepted is never lost: it ends handled
// or as a dead letter. Its form on the wire is CloudEvents 1.0 in binary mode, so that any other client can read and
// write the topics.
//
// Broker is the contract; messaging/embedded keeps it on one machine, messaging/kafka on a cluster, and
// messaging/messagingtest is the suite that both pass. Consumer works on what a Subscriber gives: retries with due
// times, dead letters, an inbox of finished ids, pauses.
package messaging
