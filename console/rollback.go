package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"fondaco/routes/letters"
	"fondaco/store"
)

// Releases are the projects that were in service and are kept. Its methods are safe for concurrent use.
type Releases interface {
	// List returns what is kept, the latest in service first, and what is served.
	List() (ReleaseList, error)
	// Find returns the hash of the release that a prefix means, of "" that of the one before what is served.
	Find(prefix string) (string, error)
	// RollBack serves a kept release instead of the project's files. It is in the audit before.
	RollBack(ctx context.Context, hash string, by store.Act) (RolledBack, error)
	// End serves the project's files again. It is in the audit before.
	End(ctx context.Context, by store.Act) (RolledBack, error)
}

// ReleaseList is what is kept of projects, and what is served.
type ReleaseList struct {
	Serving  string    `json:"serving"`            // the hash of what is served
	Rollback *Rollback `json:"rollback,omitempty"` // that is in force
	Unkept   string    `json:"unkept,omitempty"`   // why what is served is not kept
	Releases []Release `json:"releases"`
}

// Rollback is one that is in force.
type Rollback struct {
	Since time.Time `json:"since"`
	Who   string    `json:"who"`
	Why   string    `json:"why"`
}

// Release is a project that is kept.
type Release struct {
	Hash    string    `json:"hash"`
	Served  time.Time `json:"served"`            // when its files went into service last
	Files   []string  `json:"files,omitempty"`   // that differed from what was in service before
	Damaged string    `json:"damaged,omitempty"` // why it cannot be served
}

// RolledBack is what became of a rollback, or of its end.
type RolledBack struct {
	Serving string `json:"serving"`           // the hash of what is served now
	Before  string `json:"before"`            // of what was served until then
	Warning string `json:"warning,omitempty"` // what to know of it
}

var errNoReleases = wrongRequest{errors.New("no releases are kept: this process keeps nothing, or serves no folder (fondaco run does)")}

func (api *API) listReleases(*http.Request) (any, error) {
	if api.Releases == nil {
		return nil, errNoReleases
	}
	return api.Releases.List()
}

// rollBack serves a kept release.
func (api *API) rollBack(r *http.Request) (any, error) {
	by, err := api.actOnRelease(r)
	if err != nil {
		return nil, err
	}
	hash, err := api.Releases.Find(r.URL.Query().Get("to"))
	if err != nil {
		return nil, wrongRequest{err}
	}
	if err := letters.Audited(r.Context(), api.State.Audit(), api.Log, store.AuditBack, hash, by); err != nil {
		return nil, err
	}
	done, err := api.Releases.RollBack(r.Context(), hash, by)
	if err != nil {
		return nil, wrongRequest{err}
	}
	return done, nil
}

// endRollback serves the project's files again.
func (api *API) endRollback(r *http.Request) (any, error) {
	by, err := api.actOnRelease(r)
	if err != nil {
		return nil, err
	}
	list, err := api.Releases.List()
	if err != nil {
		return nil, err
	}
	if list.Rollback == nil {
		return nil, wrongRequest{errors.New("no rollback is in force: the project's files are served")}
	}
	if err := letters.Audited(r.Context(), api.State.Audit(), api.Log, store.AuditBackEnd, list.Serving, by); err != nil {
		return nil, err
	}
	done, err := api.Releases.End(r.Context(), by)
	if err != nil {
		return nil, wrongRequest{err}
	}
	return done, nil
}

// actOnRelease reads who asks and why: both are required.
func (api *API) actOnRelease(r *http.Request) (by store.Act, err error) {
	if api.Releases == nil {
		return by, errNoReleases
	}
	if by, err = api.actOf(r.URL.Query()); err == nil && by.Why == "" {
		err = wrongRequest{errors.New(`the parameter "why" is missing: the cause is kept in the audit`)}
	}
	return by, err
}
