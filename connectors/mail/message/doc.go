// Package message reads messages (RFC 5322, MIME) as they come from strangers: what is broken in them is read as far as it goes, and what
// would cost too much is refused.
package message
