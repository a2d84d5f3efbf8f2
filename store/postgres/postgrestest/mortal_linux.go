package postgrestest

import "syscall"

// mortal makes a server end with a test that is killed.
func mortal(as *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: as, Pdeathsig: syscall.SIGKILL}
}

// memory is a folder whose files are in memory, where there is room for clusters: what is synced there outlives a killed server, and
// tests do not wait for the disk. "" is the usual one.
func memory() string {
	const folder, room = "/dev/shm", 4 << 30
	var at syscall.Statfs_t
	if syscall.Statfs(folder, &at) != nil || at.Bavail*uint64(at.Bsize) < room {
		return ""
	}
	return folder
}
