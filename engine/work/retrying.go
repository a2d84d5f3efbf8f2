package work

import (
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
