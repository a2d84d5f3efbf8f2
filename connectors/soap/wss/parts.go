package wss

import "strings"

// Parts are the elements of an envelope that are signed or must be: a set.
type Parts uint16

// The parts. Token is the BinarySecurityToken itself; the ones after it are headers of WS-Addressing.
const (
	Body Parts = 1 << iota
	Timestamp
	Token
	To
	Action
	MessageID
	RelatesTo
	ReplyTo
	FaultTo
	From
)

// The parts in their order, and their elements.
var partNames = []struct {
	part  Parts
	name  string
	local string // in the namespace of WS-Addressing
}{
	{Timestamp, "wsu:Timestamp", ""},
	{Token, "wsse:BinarySecurityToken", ""},
	{To, "wsa:To", "To"},
	{Action, "wsa:Action", "Action"},
	{MessageID, "wsa:MessageID", "MessageID"},
	{RelatesTo, "wsa:RelatesTo", "RelatesTo"},
	{ReplyTo, "wsa:ReplyTo", "ReplyTo"},
	{FaultTo, "wsa:FaultTo", "FaultTo"},
	{From, "wsa:From", "From"},
	{Body, "soap:Body", ""},
}

// String returns the elements' names, as in "wsu:Timestamp soap:Body".
func (p Parts) String() string {
	var names []string
	for _, n := range partNames {
		if p&n.part != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, " ")
}

// each calls do with every part of p, in the order of the table, until one fails.
func (p Parts) each(do func(part Parts, name string) error) error {
	for _, n := range partNames {
		if p&n.part != 0 {
			if err := do(n.part, n.name); err != nil {
				return err
			}
		}
	}
	return nil
}

func isAddressing(space string) bool { return space == wsaSpace || space == wsaSpace04 }
