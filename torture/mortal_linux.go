package main

import "syscall"

// mortal makes a child end with this program, however this ends.
func mortal() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
