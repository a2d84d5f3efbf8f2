package work

import (
	"strings"

	"fondaco/connectors"
	"fondaco/messaging"
)

// failedAt names the system or the operation whose fault an error is, as "crm" or "crm.create"; "" if it is of none.
func failedAt(err error) string {
	f := connectors.AsFault(err)
	switch {
	case f == nil:
		return ""
	case f.Withheld && f.Whole || f.Away() == f.System:
		return f.System
	}
	return f.System + "." + f.Operation
}

// Retrying returns the messages that wait for their next attempt after a system failed them, as this process sees it.
func (w *Work) Retrying() []messaging.Retrying { return w.workers.retries.List() }

// kindOf is why a message died in one word: of a system's fault its kind, else the reason.
func kindOf(d *messaging.Dead) string {
	if _, kind, found := strings.Cut(d.Cause, " "); found {
		return kind
	}
	return string(d.Reason)
}
