package console

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"fondaco/store"
)

// AuditEntry is an entry of the audit as it is shown.
type AuditEntry struct {
	Number int64  `json:"number"`
	At     string `json:"at"`
	Who    string `json:"who"`
	What   string `json:"what"`
	On     string `json:"on"`
	Why    string `json:"why,omitempty"`
	Former string `json:"former"`
	Hash   string `json:"hash"`
}

// auditTime shows the microseconds too: the hash covers them.
const auditTime = "2006-01-02T15:04:05.000000Z07:00"

// listAudit returns the latest entries, or those above a number.
func (api *API) listAudit(r *http.Request) (any, error) {
	q, a := r.URL.Query(), api.State.Audit()
	limit, err := numberOf(q, "limit", 100, 1, 10_000)
	if err != nil {
		return nil, err
	}
	head, err := a.Head(r.Context())
	if err != nil {
		return nil, err
	}
	after, err := numberOf(q, "after", max(head.Number-limit, 0), 0, 1<<62)
	if err != nil {
		return nil, err
	}
	list, err := a.List(r.Context(), after, int(limit))
	if err != nil {
		return nil, err
	}
	rows := []AuditEntry{}
	for _, e := range list {
		rows = append(rows, AuditEntry{
			e.Number, e.At.Format(auditTime), e.Who, e.What, e.On, e.Why, hex.EncodeToString(e.Former[:]),
			hex.EncodeToString(e.Hash[:]),
		})
	}
	return rows, nil
}

// numberOf reads a number of a query.
func numberOf(q url.Values, name string, otherwise, least, most int64) (int64, error) {
	text := q.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, wrongRequest{fmt.Errorf("%s: found %q, expected %d to %d", name, text, least, most)}
	}
	return n, nil
}

// AuditVerdict says whether the audit is as it was written.
type AuditVerdict struct {
	Whole  bool   `json:"whole"`
	Head   string `json:"head"` // of a whole one: the number and hash of its last entry
	Broken string `json:"broken,omitempty"`
}

func (api *API) verifyAudit(r *http.Request) (any, error) {
	var noted []store.AuditHead
	for _, text := range r.URL.Query()["head"] {
		h, err := store.ParseAuditHead(text)
		if err != nil {
			return nil, wrongRequest{err}
		}
		noted = append(noted, h)
	}
	head, err := store.VerifyAudit(r.Context(), api.State.Audit(), noted...)
	if errors.Is(err, store.ErrAuditBroken) {
		return AuditVerdict{Broken: err.Error()}, nil
	}
	if err != nil {
		return nil, err
	}
	return AuditVerdict{Whole: true, Head: head.String()}, nil
}
