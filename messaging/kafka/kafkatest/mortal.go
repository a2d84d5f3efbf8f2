//go:build !linux

package kafkatest

import "syscall"

// mortal can do nothing here: a node outlives a test that is killed.
func mortal() *syscall.SysProcAttr { return nil }
