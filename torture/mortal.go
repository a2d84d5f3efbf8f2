//go:build !linux

package main

import "syscall"

// mortal can do nothing here: children outlive this program if it is killed.
func mortal() *syscall.SysProcAttr { return nil }

// within has no control groups here.
func within(*group) *syscall.SysProcAttr { return mortal() }
