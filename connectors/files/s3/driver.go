package s3

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	wire "github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/s3utils"

	"fondaco/connectors/files/driver"
)

// Driver is the driver of buckets.
var Driver = &driver.Driver{Name: "S3", Schemes: []string{"s3"}, Open: open}

// What holds where nothing is said.
const (
	defaultMost   = 4
	defaultIdle   = 30 * time.Second
	defaultRegion = "us-east-1"
)

// store is a part of a bucket: the objects whose keys begin with a prefix.
type store struct {
	api    *wire.Core
	bucket string
	region string
	secure bool   // by HTTPS
	prefix string // "" or with a slash at its end
	idle   time.Duration
	slots  chan struct{} // one for each request that there may be
	end    func()
}

// Endpoint reads the address of a store: its errors say what was expected.
func Endpoint(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		return nil, errors.New("found no host, expected for example https://s3.eu-south-1.amazonaws.com")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%s: is not supported, expected https or http", u.Scheme)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return nil, errors.New("found more than a host, expected for example https://minio.example:9000")
	}
	return u, nil
}

// locate returns the address of the store, and fills in its region.
func locate(e *driver.Entry) (*url.URL, error) {
	if e.Endpoint == "" {
		e.Endpoint = "https://s3." + cmp.Or(e.Region, defaultRegion) + ".amazonaws.com"
	}
	u, err := Endpoint(e.Endpoint)
	if err == nil { // Amazon's name their region
		e.Region = cmp.Or(e.Region, s3utils.GetRegionFromURL(*u), defaultRegion)
	}
	return u, err
}

// Bucket returns why a name cannot be that of a bucket, nil if it can.
func Bucket(name string) error {
	if err := s3utils.CheckValidBucketNameStrict(name); err != nil {
		return errors.New("found no name of a bucket: it has 3 to 63 small letters, digits, dots and hyphens")
	}
	return nil
}

// open connects to nothing. The host of the options is the bucket.
func open(o driver.Options) (driver.Store, error) {
	e := o.Entry
	if e.User == "" || e.Password == "" {
		return nil, errors.New("the connector says no access_key and secret_key for the store: write both below files")
	}
	if err := Bucket(o.Host); err != nil {
		return nil, err
	}
	u, err := locate(&e)
	if err != nil {
		return nil, fmt.Errorf("endpoint: %w", err)
	}
	if o.Most <= 0 {
		o.Most = defaultMost
	}
	if o.Idle <= 0 {
		o.Idle = defaultIdle
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(e.CA) > 0 {
		if secure.RootCAs = x509.NewCertPool(); !secure.RootCAs.AppendCertsFromPEM(e.CA) {
			return nil, errors.New("ca: found no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----")
		}
	}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := o.Dial(ctx, network, address)
			if err != nil {
				return nil, undialled{err}
			}
			return &link{c, o.Idle}, nil
		},
		Proxy: proxied(o), TLSClientConfig: secure, TLSHandshakeTimeout: o.Idle, MaxIdleConnsPerHost: o.Most, IdleConnTimeout: time.Minute,
		DisableCompression: true, MaxResponseHeaderBytes: 1 << 20,
	}
	api, err := wire.NewCore(u.Host, &wire.Options{
		Creds: credentials.NewStaticV4(e.User, e.Password, ""), Secure: u.Scheme == "https", Region: e.Region, Transport: listings{transport},
		MaxRetries: 1, // trying again is the matter of the system's policies
	})
	if err != nil {
		return nil, errors.New("endpoint: found no host of a store")
	}
	api.SetS3EnableDualstack(strings.Contains(u.Host, ".dualstack.")) // it is connected to the host that is written
	s := &store{
		api: api, bucket: o.Host, region: e.Region, secure: u.Scheme == "https", idle: o.Idle, slots: make(chan struct{}, o.Most),
		end: transport.CloseIdleConnections,
	}
	if s.prefix = strings.Trim(path.Clean("/"+o.Folder), "/"); s.prefix != "" {
		s.prefix += "/"
	}
	return s, nil
}

// proxied returns what says by which proxy a request goes; where it refuses, nothing is sent.
func proxied(o driver.Options) func(*http.Request) (*url.URL, error) {
	if o.Proxy == nil {
		return nil
	}
	return func(r *http.Request) (*url.URL, error) {
		u, err := o.Proxy(r)
		if err != nil {
			err = undialled{err}
		}
		return u, err
	}
}

// Close ends the connections.
func (s *store) Close() error {
	s.end()
	return nil
}

// take waits for a request's turn.
func (s *store) take(ctx context.Context) error {
	if ctx.Err() == nil {
		select {
		case s.slots <- struct{}{}:
			return nil
		case <-ctx.Done():
		}
	}
	return driver.Broken(ctx, ctx.Err(), false)
}

func (s *store) give() { <-s.slots }

// mostKey is how many octets a key has at most.
const mostKey = 1024

// key returns the key of a path.
func (s *store) key(p string) (string, error) {
	if key := s.prefix + p; len(key) <= mostKey {
		return key, nil
	}
	return "", &driver.Error{Kind: driver.Unsupported, Err: errors.New("a path of S3 has at most 1,024 octets, with the address's folder")}
}
