// Package wss signs SOAP envelopes and verifies their signatures: WS-Security 1.1 with X.509 tokens, WS-Addressing 1.0,
// and the patterns of ModI that are made of them (ID_AUTH_SOAP_01, ID_AUTH_SOAP_02, INTEGRITY_SOAP_01). It also writes and checks what goes
// without a signature, users with their passwords (UsernameToken) and timestamps.
//
// Everything is a function over bytes: nothing is sent, fetched or kept, but for the identifiers that Replays
// remembers. A signature vouches for the bytes it was made over and for nothing else, so Verify returns those very
// bytes, and callers must read them and not the message that came.
//
// A message is refused with an *Error, whose Reason is a fixed word. Neither holds anything of the message.
package wss
