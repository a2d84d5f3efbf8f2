package postgrestest

import (
	"os"
	"syscall"
)

// mortal makes a server end with a test that is killed.
func mortal(as *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: as, Pdeathsig: syscall.SIGKILL}
}

// memory is a folder whose files are in memory, where there is room for clusters: what is synced there outlives a killed server, and
// tests do not wait for the disk. "" is the usual one, which FONDACO_POSTGRES_ON_DISK=1 asks for, as measuring does.
func memory() string {
	const folder, room = "/dev/shm", 4 << 30
	var at syscall.Statfs_t
	if os.Getenv("FONDACO_POSTGRES_ON_DISK") != "" || syscall.Statfs(folder, &at) != nil || at.Bavail*uint64(at.Bsize) < room {
		return ""
	}
	return folder
}
