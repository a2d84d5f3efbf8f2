package ftp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"

	wire "github.com/jlaffaye/ftp"

	"fondaco/connectors/files/driver"
)

// Codes that the library has no names for, or several.
const (
	codeWriting   = 451 // local error: with some servers a full disk
	codeNoSpace   = 452
	codeQuota     = 552
	codeNotThere  = 550
	codeNoName    = 553
	codeUnknown   = 500
	codeArguments = 501
	codeUndone    = 502
	codeNoParam   = 504
)

// Is reports that it is context.DeadlineExceeded.
func (s silence) Is(target error) bool { return target == context.DeadlineExceeded }

// failed returns the error of a call. What ended without an answer of the server's ends the connection.
func (t *turn) failed(ctx context.Context, err error) error {
	var own *driver.Error
	if errors.As(err, &own) {
		return own
	}
	code := codeOf(err)
	if code == 0 || code == wire.StatusNotAvailable || isNet(err) {
		t.kill()
	}
	switch {
	case ctx.Err() != nil:
		return &driver.Error{Kind: driver.Lost, Sent: t.sent, Err: ctx.Err()}
	case t.silent.Load():
		return &driver.Error{Kind: driver.Silent, Sent: t.sent, Err: silence(t.idle)}
	case code > 0:
		e := told(err)
		e.Sent = t.sent && (e.Kind == driver.Lost || e.Kind == driver.Full)
		return e
	}
	return &driver.Error{Kind: driver.Lost, Sent: t.sent, Err: bare(err)}
}

// told returns the server's answer as an error without what it says: that may name files.
func told(err error) *driver.Error {
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		return &driver.Error{Kind: driver.Lost, Err: bare(err)}
	}
	kind := driver.Other
	switch answer.Code {
	case codeNoSpace, codeQuota:
		kind = driver.Full
	case codeWriting:
		if text := strings.ToLower(answer.Msg); strings.Contains(text, "space left") || strings.Contains(text, "quota") {
			kind = driver.Full
		}
	case codeNotThere, codeNoName, 532:
		kind = driver.Denied
	case wire.StatusNotLoggedIn:
		kind = driver.Login
	case wire.StatusTransfertAborted, wire.StatusNotAvailable, wire.StatusCanNotOpenDataConnection:
		kind = driver.Lost
	}
	return &driver.Error{Kind: kind, Err: fmt.Errorf("the server answers %d", answer.Code)}
}

// bare takes the addresses off an error of a connection.
func bare(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// isNet reports whether an error is of a connection.
func isNet(err error) bool {
	var op net.Error
	return errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, errFlood)
}

// unsupported reports whether a server does not know a command.
func unsupported(err error) bool {
	switch codeOf(err) {
	case codeUnknown, codeArguments, codeUndone, codeNoParam:
		return true
	}
	return false
}
