package main

import "syscall"

// mortal makes a process end with this program, however that ends. It is kept out of the terminal's group: Ctrl-C is for this program,
// which then ends the parts in their order.
func mortal() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
