package sftp

import (
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"

	"fondaco/connectors/files/driver"
)

// methods returns how we say who we are: by the key first, then by the password, which some servers ask for as a question. The errors hold
// nothing of either.
func methods(l driver.Entry) ([]ssh.AuthMethod, error) {
	var all []ssh.AuthMethod
	if len(l.Key) > 0 {
		key, err := privateKey(l.Key, l.Passphrase)
		if err != nil {
			return nil, err
		}
		all = append(all, ssh.PublicKeys(key))
	}
	if l.Password != "" {
		all = append(all, ssh.Password(l.Password), ssh.KeyboardInteractive(
			func(_, _ string, questions []string, echoed []bool) ([]string, error) {
				answers := make([]string, len(questions))
				for i := range questions {
					if !echoed[i] { // what is shown as it is typed is no password
						answers[i] = l.Password
					}
				}
				return answers, nil
			}))
	}
	if len(all) == 0 {
		return nil, errors.New("the connector says neither password nor private_key for the server: write one of them below files")
	}
	return all, nil
}

// privateKey reads a private key.
func privateKey(text []byte, passphrase string) (ssh.Signer, error) {
	var missing *ssh.PassphraseMissingError
	key, err := ssh.ParsePrivateKey(text)
	switch {
	case err == nil:
		return key, nil
	case !errors.As(err, &missing):
		return nil, errors.New("private_key holds no private key in PEM or in OpenSSH's form")
	case passphrase == "":
		return nil, errors.New("private_key is encrypted: write passphrase: below files")
	}
	if key, err = ssh.ParsePrivateKeyWithPassphrase(text, []byte(passphrase)); err != nil {
		return nil, fmt.Errorf("private_key is not decrypted by the passphrase: %w", err)
	}
	return key, nil
}
