// Package imap reads mailboxes (RFC 3501, RFC 9051). It alone knows go-imap.
package imap
