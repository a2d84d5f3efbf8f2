//go:build !linux

package main

import "errors"

// unshare fails: this system has no network namespaces.
func unshare() (string, error) { return "", errors.New("only Linux has network namespaces") }
