package postgrestest

import (
	"fmt"
	"os"
)

// Standby makes and starts a streaming replica of the server, for which its commits wait from then on. The caller calls Remove.
func (s *Server) Standby() (*Server, error) {
	// what is asked of it is not cut off by what it replays
	r := &Server{bin: s.bin, as: s.as, settings: []string{"max_standby_streaming_delay=-1"}}
	var err error
	if r.folder, err = os.MkdirTemp(memory(), "fondaco-postgres-"); err != nil {
		return nil, err
	}
	if r.Port, err = freePort(); err == nil && r.as != nil {
		err = os.Chown(r.folder, int(r.as.Uid), int(r.as.Gid))
	}
	if err == nil {
		err = s.do("pg_basebackup", "--no-sync", "--checkpoint=fast", "--write-recovery-conf", "-h", "127.0.0.1", "-p", s.Port, "-U", "postgres",
			"-D", r.data())
	}
	if err == nil {
		err = r.Run()
	}
	if err == nil {
		err = s.say("alter system set synchronous_standby_names = '*'", "select pg_reload_conf()")
	}
	if err != nil {
		r.Remove()
		return nil, err
	}
	return r, nil
}

// Promote makes a standby a server that can be written, soon.
func (s *Server) Promote() error { return s.say("select pg_promote(false)") }

// Say has statements done by the superuser, each by itself.
func (s *Server) Say(texts ...string) error { return s.say(texts...) }

// say runs statements as the superuser.
func (s *Server) say(texts ...string) error {
	for _, text := range texts {
		if err := s.do("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", s.Port, "-U", "postgres", "-c", text); err != nil {
			return err
		}
	}
	return nil
}

// Own makes a folder of the server's user, for a tablespace.
func (s *Server) Own(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil || s.as == nil {
		return err
	}
	return os.Chown(folder, int(s.as.Uid), int(s.as.Gid))
}

// Dump returns the rows of all tables of the database postgres, as pg_dump writes them: bytea in hexadecimal digits.
func (s *Server) Dump() ([]byte, error) {
	out, err := s.command("pg_dump", "--data-only", "-h", "127.0.0.1", "-p", s.Port, "-U", "postgres", "postgres").Output()
	if err != nil {
		return nil, fmt.Errorf("pg_dump: %w", err)
	}
	return out, nil
}
