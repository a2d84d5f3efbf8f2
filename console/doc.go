// Package console is the operators' API of a project that keeps something: what became of messages, dead letters and what is done
// with them, the audit, what is kept of a person. It is served on the console's listener, which is not public; the commands topics,
// dead, audit, privacy and release ask it.
package console
