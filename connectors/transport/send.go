package transport

import "net/http"

// sender sends each request once: whether a call may be repeated hangs on the operation's effect, the budget and the deadline, and those
// the policy retry knows. It follows no redirection.
func sender(pool *http.Transport) *http.Client {
	return &http.Client{
		Transport:     pool,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
