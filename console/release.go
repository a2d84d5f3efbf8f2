package console

import (
	"errors"
	"net/http"
	"time"
)

// Released is what a release says.
type Released struct {
	Moment   time.Time `json:"moment"`   // of the backup
	Restored time.Time `json:"restored"` // when it was
	Doubtful bool      `json:"doubtful"` // calls of work from before are in doubt
	Again    bool      `json:"again,omitempty"`
}

// release starts what was held since a restore.
func (api *API) release(q *http.Request) (any, error) {
	v := q.URL.Query()
	if v.Get("who") == "" {
		return nil, wrongRequest{errors.New(`the parameter "who" is required: who releases it`)}
	}
	by, err := api.actOf(v)
	if err != nil {
		return nil, err
	}
	if api.Restored.Now().ID == "" {
		return nil, wrongRequest{errors.New("the state was not restored from a backup: nothing is held")}
	}
	was, is, err := api.Restored.Release(q.Context(), by, v.Get("outcome") == "not-done")
	if err != nil {
		return nil, err
	}
	return Released{is.Moment, is.At, is.Doubtful, !was.Held}, nil
}
