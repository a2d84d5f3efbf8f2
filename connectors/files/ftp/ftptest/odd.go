package ftptest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Odd says what a server does that it should not, or that vsftpd does not.
type Odd struct {
	Cut       int    // a file that is sent ends after so many octets
	Says      string // and that is the answer, as "426 broken"; "" for none, and the end of the connection
	Stored    string // the answer to a file that was stored, as "452 no space"; it keeps half of it
	Elsewhere bool   // it refuses EPSV, and PASV names another host
	Lists     string // it lists by MLSD with "mlsd", by this text otherwise
	Keeps     bool   // RNTO replaces nothing
	Hangs     string // it never answers that command
	Endless   bool   // an answer that has no end, to every SIZE
	NoRest    bool   // it cannot begin amid a file
	Asked     func() // called when it does not answer
}

// InProcess starts a server in the process of the test, which shows the whole machine, until the test ends.
func InProcess(t *testing.T, odd Odd) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	conns := map[net.Conn]bool{}
	ended := false
	wait.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			if conns[conn] = true; ended {
				_ = conn.Close()
			}
			mu.Unlock()
			wait.Go(func() {
				defer func() { _ = conn.Close() }()
				(&session{odd: odd, conn: conn, lines: bufio.NewScanner(conn)}).serve()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		ended = true
		for conn := range conns {
			_ = conn.Close()
		}
		mu.Unlock()
		wait.Wait()
	})
	return &Server{Host: l.Addr().String(), User: "comune", Password: "segreta"}
}

// session is a connection.
type session struct {
	odd    Odd
	conn   net.Conn
	lines  *bufio.Scanner
	data   net.Listener
	folder string
	from   string // of RNFR
	rest   int64
}

func (s *session) say(text string) { _, _ = io.WriteString(s.conn, text+"\r\n") }

func (s *session) serve() {
	s.say("220 ready")
	defer func() {
		if s.data != nil {
			_ = s.data.Close()
		}
	}()
	for s.lines.Scan() {
		command, what, _ := strings.Cut(s.lines.Text(), " ")
		if command == s.odd.Hangs {
			if s.odd.Asked != nil {
				s.odd.Asked()
			}
			_, _ = io.Copy(io.Discard, s.conn)
			return
		}
		if !s.answer(command, what) {
			return
		}
	}
}

// answer answers a command, and reports whether the connection goes on.
func (s *session) answer(command, what string) bool {
	switch command {
	case "USER":
		s.say("331 password")
	case "PASS":
		s.say(map[bool]string{true: "230 in", false: "530 no"}[what == "segreta"])
	case "FEAT":
		s.say("211-\r\n MDTM\r\n SIZE\r\n UTF8" + map[bool]string{true: "\r\n MLST type*;size*;modify*;\r\n MLSD"}[s.odd.Lists == "mlsd"] + "\r\n211 end")
	case "TYPE", "OPTS", "NOOP":
		s.say("200 well")
	case "PWD":
		s.say(`257 "/"`)
	case "CWD":
		info, err := os.Stat(what)
		if s.outcome("250 there", err); err == nil && info.IsDir() {
			s.folder = what
		}
	case "MKD":
		s.outcome(`257 "made"`, os.Mkdir(what, 0o755))
	case "SIZE", "MDTM":
		return s.about(command, what)
	case "DELE":
		s.outcome("250 gone", os.Remove(what))
	case "RNFR":
		s.from = what
		s.say("350 and")
	case "RNTO":
		if _, err := os.Stat(what); err == nil && s.odd.Keeps {
			s.say("553 there is one")
		} else {
			s.outcome("250 renamed", os.Rename(s.from, what))
		}
	case "MLST":
		info, err := os.Stat(what)
		if err != nil {
			s.say("550 no")
		} else {
			s.say("250-it\r\n " + fact(info) + what + "\r\n250 end")
		}
	case "REST":
		if _, err := fmt.Sscan(what, &s.rest); err != nil || s.odd.NoRest {
			s.rest = 0
			s.say("502 no")
		} else {
			s.say("350 from there")
		}
	case "EPSV", "PASV":
		return s.passive(command)
	case "LIST", "MLSD", "RETR", "STOR", "APPE":
		return s.transfer(command, what)
	case "QUIT":
		return false
	default:
		s.say("500 what")
	}
	return true
}

func (s *session) outcome(well string, err error) {
	if err != nil {
		s.say("550 no")
	} else {
		s.say(well)
	}
}

func (s *session) about(command, what string) bool {
	info, err := os.Stat(what)
	switch {
	case command == "SIZE" && s.odd.Endless:
		for {
			if _, err := io.WriteString(s.conn, "213-"+strings.Repeat("x", 1000)+"\r\n"); err != nil {
				return false
			}
		}
	case err != nil || info.IsDir():
		s.say("550 no")
	case command == "SIZE":
		s.say(fmt.Sprintf("213 %d", info.Size()))
	default:
		s.say("213 " + info.ModTime().UTC().Format("20060102150405"))
	}
	return true
}

func fact(info os.FileInfo) string {
	kind := "file"
	if info.IsDir() {
		kind = "dir"
	}
	return fmt.Sprintf("type=%s;size=%d;modify=%s; ", kind, info.Size(), info.ModTime().UTC().Format("20060102150405"))
}

func (s *session) passive(command string) bool {
	if command == "EPSV" && s.odd.Elsewhere {
		s.say("500 what")
		return true
	}
	var err error
	if s.data, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return false
	}
	port := s.data.Addr().(*net.TCPAddr).Port
	if command == "EPSV" {
		s.say(fmt.Sprintf("229 there (|||%d|)", port))
	} else {
		s.say(fmt.Sprintf("227 there (169,254,169,254,%d,%d)", port/256, port%256))
	}
	return true
}

// transfer sends or takes a file or a listing.
func (s *session) transfer(command, what string) bool {
	if s.data == nil {
		s.say("425 where")
		return true
	}
	l := s.data
	s.data = nil
	defer func() { _ = l.Close() }()
	var file *os.File
	var err error
	switch command {
	case "RETR":
		if file, err = os.Open(what); err == nil {
			_, err = file.Seek(s.rest, io.SeekStart)
		}
		s.rest = 0
	case "STOR":
		file, err = os.Create(what)
	case "APPE":
		file, err = os.OpenFile(what, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	}
	if err != nil {
		s.say("550 no")
		return true
	}
	_ = l.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	s.say("150 now")
	conn, err := l.Accept()
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	switch command {
	case "LIST", "MLSD":
		_, _ = io.WriteString(conn, s.listing())
	case "RETR":
		defer func() { _ = file.Close() }()
		if s.odd.Cut > 0 {
			_, _ = io.CopyN(conn, file, int64(s.odd.Cut))
			_ = conn.Close()
			if s.odd.Says == "" {
				return false
			}
			s.say(s.odd.Says)
			return true
		}
		_, _ = io.Copy(conn, file)
	default:
		defer func() { _ = file.Close() }()
		if s.odd.Stored != "" {
			_, _ = io.CopyN(file, conn, 1000)
			_, _ = io.Copy(io.Discard, conn)
			s.say(s.odd.Stored)
			return true
		}
		_, _ = io.Copy(file, conn)
	}
	_ = conn.Close()
	s.say("226 all of it")
	return true
}

func (s *session) listing() string {
	if s.odd.Lists != "" && s.odd.Lists != "mlsd" {
		return s.odd.Lists
	}
	entries, _ := os.ReadDir(s.folder)
	var text strings.Builder
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(s.folder, e.Name()))
		switch {
		case err != nil:
		case s.odd.Lists == "mlsd":
			text.WriteString(fact(info) + e.Name() + "\r\n")
		default:
			kind := map[bool]string{true: "d", false: "-"}[info.IsDir()]
			fmt.Fprintf(&text, "%srw-r--r--    1 0        0        %8d %s %s\r\n", kind, info.Size(), info.ModTime().UTC().Format("Jan 02 15:04"), e.Name())
		}
	}
	return text.String()
}
