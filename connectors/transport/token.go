package transport

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"
)

// tokenAnswer is what a server of tokens answers (RFC 6749 §5, RFC 8693 §2.2).
type tokenAnswer struct {
	status      int
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"`
	Error       string `json:"error"`
}

var errToken = errors.New("the token's answer is not understood")

// until returns until when the token is used: a while before its end, and 5 minutes if that is not said.
func (t *tokenAnswer) until(now time.Time) time.Time {
	if t.ExpiresIn <= 0 {
		t.ExpiresIn = 300
	}
	return now.Add(max(time.Duration(t.ExpiresIn)*time.Second-early, time.Second))
}

// token asks a server of tokens; id is "" for a client that is not known there. An answer that is no success may be empty.
func (c *Client) token(ctx context.Context, at *url.URL, form url.Values, id, secret string) (*tokenAnswer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if id != "" {
		req.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	}
	answer, err := c.errands.RoundTrip(req)
	if err != nil {
		return nil, plain(err)
	}
	body, err := c.read(answer)
	if err != nil {
		return nil, err
	}
	got := tokenAnswer{}
	if err := json.Unmarshal(body, &got); err != nil {
		if answer.StatusCode == http.StatusOK {
			return nil, errToken
		}
		got = tokenAnswer{}
	}
	got.status = answer.StatusCode
	return &got, nil
}

// flight has one question for a token under way at a time, for each key. Safe for concurrent use.
type flight struct{ group singleflight.Group }

// header returns what kept has come to know meanwhile, or else what fetch brings, within 10 seconds. It is asked for all who wait for the
// key: whoever leaves with ctx ends only the waiting.
func (f *flight) header(ctx context.Context, key string, kept func() []string, fetch func(context.Context) ([]string, error)) ([]string,
	error,
) {
	result := f.group.DoChan(key, func() (any, error) {
		if header := kept(); header != nil {
			return header, nil // it came after we had looked
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return fetch(ctx)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-result:
		header, _ := r.Val.([]string)
		return header, r.Err
	}
}
