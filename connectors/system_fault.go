package connectors

import "fondaco/schema"

// SystemFault is the cause of a Fault in the system's own words, where its protocol has such: find it by errors.As. They may
// hold personal data, and are not for logs.
type SystemFault interface {
	error
	// Said returns the fault's code, as Client, its text, and the elements of its detail that are declared, a record or
	// absent.
	Said() (code, text string, detail schema.Value)
}
