//go:build !linux

package main

import "syscall"

// mortal can do nothing here: a process outlives this program if that is killed.
func mortal() *syscall.SysProcAttr { return nil }
