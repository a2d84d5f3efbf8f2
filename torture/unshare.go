//go:build !linux

package main

import "errors"

// unshare gives no namespace here.
func unshare() (string, error) { return "", errors.New("only Linux has network namespaces") }
