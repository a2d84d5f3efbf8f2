package main

import (
	"fmt"
	"os"
	"syscall"
)

// unshare moves the thread that calls it into a network namespace of its own, and returns the path by which others name it. It needs
// CAP_SYS_ADMIN.
func unshare() (path string, err error) {
	if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
		return "", fmt.Errorf("unshare(CLONE_NEWNET): %w", err)
	}
	return fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), syscall.Gettid()), nil
}
