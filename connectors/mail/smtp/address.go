package smtp

import (
	"errors"
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Address is a mailbox, with the name of its owner if it is known.
type Address struct {
	Name  string
	Local string // before the @; octets beyond ASCII need a server with SMTPUTF8
	Host  string // as it goes over the wire: in ASCII
}

// The reasons for which a text is not an address. They quote nothing of it.
var (
	errAddress = errors.New("found no address, expected one as nome@comune.example, or Nome <nome@comune.example>")
	errControl = errors.New("found a line break or another control character")
	errLong    = errors.New("found an address of more than 254 octets")
)

// ParseAddress reads one address, with a name before it or without. The domain may be in any script. The errors quote nothing of the text.
func ParseAddress(text string) (Address, error) {
	if err := CheckLine(text); err != nil {
		return Address{}, err
	}
	parsed, err := netmail.ParseAddress(text)
	if err != nil {
		return Address{}, errAddress
	}
	at := strings.LastIndexByte(parsed.Address, '@')
	a := Address{Name: parsed.Name, Local: parsed.Address[:at]}
	if CheckLine(parsed.Name) != nil || CheckLine(a.Local) != nil { // as encoded words, or quoted
		return Address{}, errControl
	}
	if a.Host, err = idna.Lookup.ToASCII(parsed.Address[at+1:]); err != nil || a.Host == "" || strings.ContainsAny(a.Host, " <>[]()\"\\,;:") {
		return Address{}, errAddress
	}
	if len(a.Local) > 64 || len(a.String()) > 254 { // RFC 5321 §4.5.3.1
		return Address{}, errLong
	}
	return a, nil
}

// String returns the address as it stands in commands, without the name.
func (a Address) String() string { return a.header().String()[1 : len(a.header().String())-1] }

// header returns the address for a header, without the name.
func (a Address) header() *netmail.Address { return &netmail.Address{Address: a.Local + "@" + a.Host} }

// wide reports whether the address needs SMTPUTF8.
func (a Address) wide() bool {
	return strings.ContainsFunc(a.Local, func(r rune) bool { return r >= utf8.RuneSelf })
}

// CheckLine reports text that cannot stand in one line of a header: with a line break or another control character, or not in UTF-8.
func CheckLine(text string) error {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && r != '\t' || r == '\u2028' || r == '\u2029'
	}) {
		return errControl
	}
	return nil
}
