package wss

import (
	"errors"
	"strings"

	"fondaco/transform/codec"
)

// Presented is what a message came with in the place of Credentials. The zero value is for a message whose header is still to be read.
type Presented struct {
	user, password, nonce, created string
	digest                         bool
	stampCreated, stampExpires     string
	tokens, stamps                 int
}

// Read reads the header entry whose start was the scanner's last step, to its end; other entries than Security are passed over.
func (p *Presented) Read(s *codec.XMLScanner) error {
	if space, local := s.Name(); space != wsseSpace || local != "Security" {
		return s.Skip()
	}
	return within(s, func(local string) error {
		switch local {
		case "UsernameToken":
			p.tokens++
			return within(s, func(local string) (err error) {
				switch local {
				case "Username":
					p.user, err = textOf(s)
				case "Password":
					for _, a := range s.Attrs() {
						p.digest = p.digest || a.Local == "Type" && a.Value == userProfile+"PasswordDigest"
					}
					p.password, err = textOf(s)
				case "Nonce":
					p.nonce, err = textOf(s)
				case "Created":
					p.created, err = textOf(s)
				default:
					err = s.Skip()
				}
				return err
			})
		case "Timestamp":
			p.stamps++
			return within(s, func(local string) (err error) {
				switch local {
				case "Created":
					p.stampCreated, err = textOf(s)
				case "Expires":
					p.stampExpires, err = textOf(s)
				default:
					err = s.Skip()
				}
				return err
			})
		}
		return s.Skip()
	})
}

var errForm = errors.New("the header entry Security is not as WS-Security has it")

// within calls each with every element inside of the one whose start was the scanner's last step; each must read it to its end.
func within(s *codec.XMLScanner, each func(local string) error) error {
	for {
		kind, err := s.Next()
		if err != nil {
			return err
		}
		switch kind {
		case codec.XMLStart:
			_, local := s.Name()
			if err := each(local); err != nil {
				return err
			}
		case codec.XMLText:
			if strings.TrimSpace(s.Text()) != "" {
				return errForm
			}
		default:
			return nil
		}
	}
}

// textOf reads the text of the element whose start was the scanner's last step, to its end.
func textOf(s *codec.XMLScanner) (string, error) {
	text := ""
	for {
		kind, err := s.Next()
		if err != nil {
			return "", err
		}
		switch kind {
		case codec.XMLText:
			text += s.Text()
		case codec.XMLEnd:
			return text, nil
		default:
			return "", errForm
		}
	}
}
