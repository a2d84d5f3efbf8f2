package driver

import "syscall"

// errFull is what a disk says that has no space.
var errFull error = syscall.ENOSPC
