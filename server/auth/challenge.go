package auth

// The codes of OAuth that challenges carry (RFC 6750, RFC 9470).
const (
	InvalidToken               = "invalid_token"
	InsufficientAuthentication = "insufficient_user_authentication"
)
