package sftp

import (
	"errors"
	"fmt"
	"io"
	"net"

	wire "github.com/pkg/sftp"

	"fondaco/connectors/files/driver"
)

// Codes of statuses. The later ones are of versions that we do not speak, and some servers use them nevertheless.
const (
	statusFailure     = 4
	statusUnsupported = 8
	statusExists      = 11
	statusProtected   = 12
	statusFull        = 14
	statusQuota       = 15
	statusIsFolder    = 24
)

// errFlood is the error of an answer that has no end.
var errFlood = errors.New("the server's answer is too long")

// told returns an error of the library as one without what the server says: that may name files.
func told(err error) *driver.Error {
	var own *driver.Error
	if errors.As(err, &own) {
		return own
	}
	var status *wire.StatusError
	if !errors.As(err, &status) {
		errors.As(driver.Of(err, false), &own)
		return own
	}
	switch status.Code {
	case statusExists:
		return &driver.Error{Kind: driver.Exists}
	case statusProtected:
		return &driver.Error{Kind: driver.Denied}
	case statusFull, statusQuota:
		return &driver.Error{Kind: driver.Full}
	case statusIsFolder:
		return &driver.Error{Kind: driver.NoFile}
	case statusUnsupported:
		return &driver.Error{Kind: driver.Other, Err: errors.New("the server does not support what it is asked")}
	case statusFailure:
		return &driver.Error{Kind: driver.Other, Err: errors.New("the server says that it failed, and not why")}
	}
	return &driver.Error{Kind: driver.Other, Err: fmt.Errorf("the server says that it failed, by the status %d", status.Code)}
}

// ofConnection reports whether an error is of the connection: the library tells it in another way to who waits for an answer than to who
// was sending.
func ofConnection(err error) bool {
	var network *net.OpError
	return errors.Is(err, wire.ErrSSHFxConnectionLost) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, io.ErrClosedPipe) || errors.As(err, &network)
}

// failure reports whether an error is a server's failure without a reason.
func failure(err error) bool {
	var status *wire.StatusError
	return errors.As(err, &status) && status.Code == statusFailure
}

// answered reports whether an error is the server's own answer.
func answered(err error) bool {
	var status *wire.StatusError
	return errors.As(err, &status) || driver.IsKind(told(err), driver.Missing) || driver.IsKind(told(err), driver.Denied)
}
