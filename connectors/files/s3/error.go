package s3

import (
	"context"
	"crypto/tls"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	wire "github.com/minio/minio-go/v7"

	"fondaco/connectors/files/driver"
)

// told returns an error of the library without what the store says and without addresses: they name objects. sent says that something may
// be changed.
func (s *store) told(ctx context.Context, err error, sent bool) error {
	var own *driver.Error
	var answer wire.ErrorResponse
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		return own
	case ctx.Err() != nil:
		return &driver.Error{Kind: driver.Lost, Sent: sent, Err: ctx.Err()}
	case errors.As(err, &answer) && answer.StatusCode > 0:
		return s.answered(answer, sent)
	}
	return s.broken(err, sent)
}

// undialled is the error of a connection that was not made.
type undialled struct{ error }

func (u undialled) Unwrap() error { return u.error }

var (
	errNoStore  = errors.New("it does not answer as a store of S3 does: compare endpoint")
	errNoAnswer = errors.New("no whole answer came")
)

// broken returns the error of a request that was not answered as a store answers. What the library says may hold the file's address.
func (s *store) broken(err error, sent bool) error {
	var dial undialled
	var op *net.OpError
	var late net.Error
	var verify *tls.CertificateVerificationError
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &dial):
		if err = dial.error; errors.As(err, &op) {
			err = op.Err
		}
		return &driver.Error{Kind: driver.Down, Err: err}
	case errors.As(err, &late) && late.Timeout():
		return &driver.Error{Kind: driver.Silent, Sent: sent, Err: silence(s.idle)}
	case errors.As(err, &verify):
		return &driver.Error{Kind: driver.Down, Err: fmt.Errorf("its certificate is not trusted (ca:): %w", verify.Err)}
	case errors.Is(err, http.ErrSchemeMismatch):
		return &driver.Error{Kind: driver.Down, Err: errors.New("endpoint: is of https:, and who answers there does not speak HTTPS")}
	case errors.Is(err, errNoStore), errors.As(err, &syntax):
		return &driver.Error{Kind: driver.Other, Sent: sent, Err: errNoStore}
	case errors.As(err, &op):
		err = op.Err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err = io.ErrUnexpectedEOF
	default:
		err = errNoAnswer
	}
	return &driver.Error{Kind: driver.Lost, Sent: sent, Err: err}
}

// answered returns the error that an answer of the store is.
func (s *store) answered(a wire.ErrorResponse, sent bool) error {
	switch a.Code {
	case "NoSuchBucket":
		return &driver.Error{Kind: driver.Down, Err: errors.New("there is no bucket of that name")}
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "XAdminUserNotFound":
		return &driver.Error{Kind: driver.Login, Err: errors.New("it refuses access_key or secret_key: compare them with what its owner says")}
	case "RequestTimeTooSkewed":
		return &driver.Error{Kind: driver.Login, Err: errors.New("the clock of this machine differs from the store's by too much: correct it")}
	case "InvalidObjectState":
		return &driver.Error{Kind: driver.Other, Err: errors.New("the file is in an archive of the store, and has to be restored there first")}
	case "EntityTooLarge", "KeyTooLongError":
		return &driver.Error{Kind: driver.Unsupported, Err: fmt.Errorf("the store answers %d %s", a.StatusCode, a.Code)}
	case "NoSuchUpload":
		return &driver.Error{Kind: driver.Other, Err: errors.New("the store has given up the parts that were sent")}
	case "XMinioStorageFull", "QuotaExceeded":
		return &driver.Error{Kind: driver.Full, Err: fmt.Errorf("the store answers %d %s", a.StatusCode, a.Code)}
	}
	if e := s.elsewhere(a); e != nil {
		return e
	}
	e := &driver.Error{Kind: driver.Other, Err: s.answer(a)}
	switch {
	case a.StatusCode == http.StatusNotFound && (a.Code == "NoSuchKey" || word(a.Code) == ""):
		e.Kind = driver.Missing
	case a.StatusCode == http.StatusPreconditionFailed, a.StatusCode == http.StatusConflict && a.Code == "ConditionalRequestConflict":
		e.Kind = driver.Exists
	case a.StatusCode == http.StatusUnauthorized:
		e.Kind = driver.Login
	case a.StatusCode == http.StatusForbidden:
		e.Kind = driver.Denied
	case a.StatusCode == http.StatusInsufficientStorage:
		e.Kind = driver.Full
	case a.Code == "SlowDown": // nothing is done
	case a.StatusCode >= http.StatusInternalServerError:
		e.Sent = sent
	}
	return e
}

// elsewhere returns the error of a bucket in another region, nil if it is none.
func (s *store) elsewhere(a wire.ErrorResponse) error {
	region := word(a.Region)
	switch {
	case region != "" && region != s.region && a.StatusCode < http.StatusInternalServerError && a.StatusCode != http.StatusNotFound &&
		a.StatusCode != http.StatusForbidden:
		err := fmt.Errorf("the bucket is in region %s, and not in %s: write region: %s", region, s.region, region)
		return &driver.Error{Kind: driver.Login, Err: err}
	case a.Code == "InvalidRegion", a.Code == "AuthorizationHeaderMalformed", a.StatusCode == http.StatusMovedPermanently:
		err := fmt.Errorf("the bucket is not in region %s: compare region with what its owner says", s.region)
		return &driver.Error{Kind: driver.Login, Err: err}
	}
	return nil
}

// answer says what the store answers.
func (s *store) answer(a wire.ErrorResponse) error {
	code := word(a.Code)
	if code == "" && a.StatusCode == http.StatusBadRequest && !s.secure {
		return fmt.Errorf("the store answers %d: endpoint begins with http:, and it may want https", a.StatusCode)
	}
	if code != "" {
		code = " " + code
	}
	return fmt.Errorf("the store answers %d%s", a.StatusCode, code)
}

// word returns a text of the store if it is a word that says nothing of a file, as codes and regions are, "" otherwise.
func word(text string) string {
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' {
			return ""
		}
	}
	return text[:min(len(text), 64)]
}
