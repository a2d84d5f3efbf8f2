//go:build !linux

package postgrestest

import "syscall"

// mortal can do no more here than choose the user: a server outlives a test that is killed.
func mortal(as *syscall.Credential) *syscall.SysProcAttr { return &syscall.SysProcAttr{Credential: as} }

func memory() string { return "" }
