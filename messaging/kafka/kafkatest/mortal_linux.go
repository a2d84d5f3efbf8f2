package kafkatest

import "syscall"

// mortal makes a node end with a test that is killed.
func mortal() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
