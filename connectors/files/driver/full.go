package driver

import "syscall"

// errFull is the error of a disk without space.
var errFull error = syscall.ENOSPC
