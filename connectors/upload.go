package connectors

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync/atomic"

	"fondaco/openapi"
	"fondaco/schema"
)

// Upload is the body of a request that one call sends on as it comes: nobody looks inside, and it can be sent once.
type Upload struct {
	Operation   string // the call that it is for
	From        io.Reader
	Length      int64  // -1 if the caller does not say
	Type        string // its media type, as the caller says it
	Disposition string // the request's Content-Disposition, "" for none

	begun  atomic.Bool
	failed atomic.Bool
}

// Read reads what comes from the caller, for the one request that sends it on.
func (u *Upload) Read(p []byte) (int, error) {
	u.begun.Store(true)
	n, err := u.From.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		u.failed.Store(true)
	}
	return n, err
}

// Begun reports whether something was read: it cannot be sent again.
func (u *Upload) Begun() bool { return u.begun.Load() }

// Failed reports whether it did not come whole from the caller.
func (u *Upload) Failed() bool { return u.failed.Load() }

type uploadKey struct{}

// WithUpload returns a context for a call that sends the body of the request on.
func WithUpload(ctx context.Context, u *Upload) context.Context {
	return context.WithValue(ctx, uploadKey{}, u)
}

// UploadOf returns what a call of an operation sends on, nil for nothing.
func UploadOf(ctx context.Context, operation string) *Upload {
	u, _ := ctx.Value(uploadKey{}).(*Upload)
	if u == nil || u.Operation != operation {
		return nil
	}
	return u
}

// UploadForm is a body of several parts that can be sent on as it comes.
type UploadForm struct {
	Fields []string                    // of the operation's input, that are the body's
	Type   *schema.Type                // of the body; its files are octets
	Parts  map[string]openapi.Encoding // how its fields stand in their parts
}

// Uploaded returns the operation's input without the body that is sent on. ok is false for an operation whose body is neither octets
// nor parts, or has to be known before it is sent.
func (op *Operation) Uploaded() (t *schema.Type, ok bool) {
	if op.Uploads == "" || op.of != nil || op.Input.Kind != schema.KindRecord {
		return nil, false
	}
	body := []string{"body"}
	if op.UploadForm != nil {
		body = op.UploadForm.Fields
	}
	return schema.DropFields(op.Input, func(f *schema.Field) bool { return slices.Contains(body, f.Name) }), true
}
