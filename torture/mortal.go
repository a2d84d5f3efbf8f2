//go:build !linux

package main

import "syscall"

// mortal can do nothing here: children outlive this program if it is killed.
func mortal() *syscall.SysProcAttr { return nil }
