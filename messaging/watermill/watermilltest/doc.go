// Package watermilltest shows a messaging.Broker as Watermill's Publisher and Subscriber, for Watermill's own contract tests, which
// ours pass here.
package watermilltest
