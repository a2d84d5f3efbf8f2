// Package smtp writes messages and sends them (RFC 5321, RFC 5322). It alone knows go-mail.
package smtp
