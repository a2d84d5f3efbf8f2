package main

import "syscall"

// mortal makes a child end with this program, however this ends.
func mortal() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// within is mortal, and begins in a control group if there is one.
func within(g *group) *syscall.SysProcAttr {
	a := mortal()
	if g != nil {
		a.UseCgroupFD, a.CgroupFD = true, int(g.folder.Fd())
	}
	return a
}
