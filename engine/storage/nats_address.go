package storage

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fondaco/messaging/watermill/nats"
)

// natsOptions reads the address of NATS for a project whose folder is dir, and the files that it names.
func natsOptions(dir, project, address string) (nats.Options, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "nats" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return nats.Options{}, errors.New("found what is not an address, expected nats://[user:password@]host:port[,host:port]")
	}
	o := nats.Options{Project: project, Servers: strings.Split(u.Host, ",")}
	if u.User != nil {
		o.User = u.User.Username()
		o.Password, _ = u.User.Password()
	}
	said, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return o, errors.New("found something after the question mark of the address that is not name=value")
	}
	for name, values := range said {
		switch value := values[0]; name {
		case "replicas":
			if o.Replicas, err = strconv.Atoi(value); err != nil || o.Replicas < 1 {
				return o, fmt.Errorf("found replicas=%s, expected 1 to 5", value)
			}
		case "ack_wait":
			if o.AckWait, err = time.ParseDuration(value); err != nil || o.AckWait < time.Second || o.AckWait > 5*time.Minute {
				return o, fmt.Errorf("found ack_wait=%s, expected a duration from 1s to 5m", value)
			}
		case "creds":
			if o.Credentials = value; value != "" && !filepath.IsAbs(value) {
				o.Credentials = filepath.Join(dir, value)
			}
		case "tls":
			if value != "on" {
				return o, fmt.Errorf("found tls=%s, expected on, or nothing", value)
			}
		case "ca", "cert", "key":
			if value == "" {
				return o, fmt.Errorf("found %s without a file", name)
			}
		default:
			return o, fmt.Errorf("found %q after the address of NATS, expected replicas, ack_wait, creds, tls, ca, cert or key", name)
		}
	}
	o.TLS, err = tlsOf(dir, said)
	return o, err
}
