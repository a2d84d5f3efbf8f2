package storage

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fondaco/messaging/kafka"
)

// kafkaOptions reads the address of a cluster of Kafka for a project whose folder is dir, and the files that it names.
func kafkaOptions(dir, project, address string) (kafka.Options, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "kafka" || u.Host == "" {
		return kafka.Options{}, errors.New("found what is not an address, expected embedded, or kafka://[user:password@]host:port")
	}
	cluster, _, _ := strings.Cut(address, "?")
	o := kafka.Options{Project: project, Brokers: strings.Split(u.Host, ","), Former: [][]byte{secretOf(project, cluster)}}
	if u.User != nil {
		o.User = u.User.Username()
		o.Password, _ = u.User.Password()
	}
	said, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return o, errors.New("found something after the question mark of the address that is not name=value")
	}
	if err := membership(&o, said); err != nil {
		return o, err
	}
	return o, secured(&o, dir, said)
}

// membership reads what an address of Kafka says after "?": the name of this process among those of the project, the
// silence after which it is held to be dead, and how the password is said. What names files is left to secured.
func membership(o *kafka.Options, said url.Values) (err error) {
	for name, values := range said {
		switch value := values[0]; name {
		case "instance":
			if o.Instance = value; value == "" {
				return errors.New("found an instance without a name; expected one that is this process's own, and the same after a restart")
			}
		case "session":
			if o.Session, err = time.ParseDuration(value); err != nil || o.Session < time.Second || o.Session > 5*time.Minute {
				return fmt.Errorf("found session=%s, expected a duration from 1s to 5m", value)
			}
		case "sasl":
			switch o.Mechanism = value; {
			case value != kafka.Plain && value != kafka.ScramSHA256 && value != kafka.ScramSHA512:
				return fmt.Errorf("found sasl=%s, expected plain, scram-sha-256 or scram-sha-512", value)
			case o.User == "":
				return fmt.Errorf("found sasl=%s without a user, expected kafka://user:${secret.NAME}@host:port", value)
			}
		case "tls":
			if value != "on" {
				return fmt.Errorf("found tls=%s, expected on, or nothing", value)
			}
		case "ca", "cert", "key":
			if value == "" {
				return fmt.Errorf("found %s without a file", name)
			}
		default:
			return fmt.Errorf("found %q after the address of Kafka, expected instance, session, sasl, tls, ca, cert or key", name)
		}
	}
	return nil
}

// secured reads what an address says of TLS: tls=on for the authorities that this machine trusts, ca for the file of
// others, cert and key for the files of our own certificate. Relative names begin at the project's folder. Our certificate is
// read again for each connection, so a new one needs no restart.
func secured(o *kafka.Options, dir string, said url.Values) error {
	var err error
	o.TLS, err = tlsOf(dir, said)
	return err
}

// tlsOf returns what an address says of TLS, nil for none. See secured.
func tlsOf(dir string, said url.Values) (*tls.Config, error) {
	ca, cert, key := said.Get("ca"), said.Get("cert"), said.Get("key")
	if said.Get("tls") == "" && ca == "" && cert == "" && key == "" {
		return nil, nil
	}
	at := func(name string) string {
		if filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(dir, name)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		text, err := os.ReadFile(at(ca))
		if err != nil {
			return nil, fmt.Errorf("ca: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("ca: the file %s holds no certificate, expected PEM", ca)
		}
	}
	if (cert == "") != (key == "") {
		return nil, errors.New("found one of cert and key, expected both: the file of our certificate and that of its key")
	}
	if cert == "" {
		return c, nil
	}
	load := func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(at(cert), at(key))
		if err != nil {
			return nil, fmt.Errorf("cert and key: %w", err)
		}
		return &pair, nil
	}
	if _, err := load(); err != nil {
		return nil, err
	}
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return load() }
	return c, nil
}

// signedBy sets the secrets of control headers: the first signs, all are accepted.
func signedBy(o *kafka.Options, secrets string) {
	for i, s := range strings.Fields(secrets) {
		if i == 0 {
			o.Secret = []byte(s)
			continue
		}
		o.Former = append(o.Former, []byte(s))
	}
}

// secretOf is what signed due times in earlier versions; what waits is still accepted.
func secretOf(project, address string) []byte {
	sum := sha256.Sum256([]byte("fondaco due times\x00" + project + "\x00" + address))
	return sum[:]
}
