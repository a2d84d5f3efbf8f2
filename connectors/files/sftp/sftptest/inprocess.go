package sftptest

import (
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"

	wire "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// Odd says what is unusual of a server in the test's own process.
type Odd struct {
	Asks    bool   // it takes the password as the answer to a question alone
	Short   int    // it returns no more octets at once; 0 for as many as are asked
	Quota   bool   // it says of all that is written that it is more than may be
	Endless bool   // its folders have no end
	Mute    bool   // it takes connections, and says nothing
	Signed  bool   // its key is one that an authority has signed; KnownHosts names the authority
	Held    int64  // it does not answer who reads beyond so many octets; 0 for all
	Hangs   bool   // it does not answer who renames
	Asked   func() // it is called when it does not answer; nil for nothing
	Ends    bool   // it ends SFTP when a file is opened, and keeps the connection
}

// InProcess starts a server in this process until the test ends, on which all files of this machine are. It takes the password.
func InProcess(t testing.TB, odd Odd) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Host: l.Addr().String(), User: "comune", Password: "segreta"}
	config := &ssh.ServerConfig{}
	good := func(password string) (*ssh.Permissions, error) {
		if password != s.Password {
			return nil, errors.New("no")
		}
		return &ssh.Permissions{}, nil
	}
	if odd.Asks {
		config.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil || len(answers) != 1 {
				return nil, errors.New("no")
			}
			return good(answers[0])
		}
	} else {
		config.PasswordCallback = func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) { return good(string(password)) }
	}
	config.AddHostKey(s.hostKey(t, odd.Signed))
	held := make(chan struct{})
	var mu sync.Mutex
	var conns []net.Conn
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			wait.Go(func() {
				defer func() { _ = conn.Close() }()
				if odd.Mute {
					<-held
					return
				}
				serve(conn, config, &served{odd, held, nil})
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		close(held)
		mu.Lock()
		for _, c := range conns {
			_ = c.Close()
		}
		mu.Unlock()
		wait.Wait()
	})
	return s
}

// hostKey makes the server's key.
func (s *Server) hostKey(t testing.TB, signed bool) ssh.Signer {
	t.Helper()
	public, text := newKey(t, false)
	key, err := ssh.ParsePrivateKey(text)
	if err != nil {
		t.Fatal(err)
	}
	s.know(public)
	if !signed {
		return key
	}
	authority, text := newKey(t, true)
	by, err := ssh.ParsePrivateKey(text)
	if err != nil {
		t.Fatal(err)
	}
	certificate := &ssh.Certificate{
		Key: public, CertType: ssh.HostCert, ValidPrincipals: []string{"127.0.0.1"}, ValidBefore: ssh.CertTimeInfinity,
	}
	if err := certificate.SignCert(rand.Reader, by); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewCertSigner(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	s.KnownHosts = "@cert-authority " + Line(s.Host, authority)
	return signer
}

// serve answers a connection.
func serve(conn net.Conn, config *ssh.ServerConfig, files *served) {
	over, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	defer func() { _ = over.Close() }()
	var wait sync.WaitGroup
	defer wait.Wait()
	wait.Go(func() { ssh.DiscardRequests(requests) })
	for c := range channels {
		channel, asked, err := c.Accept()
		if err != nil {
			return
		}
		wait.Go(func() {
			for r := range asked {
				_ = r.Reply(r.Type == "subsystem", nil)
			}
		})
		wait.Go(func() {
			files := &served{files.Odd, files.held, func() { _ = channel.Close() }}
			server := wire.NewRequestServer(channel, wire.Handlers{FileGet: files, FilePut: files, FileCmd: files, FileList: files})
			_ = server.Serve()
			_ = server.Close()
		})
	}
}

// served are the files of this machine, as an odd server shows them.
type served struct {
	Odd
	held chan struct{}
	end  func()
}

// hold waits until the test ends.
func (s *served) hold() {
	if s.Asked != nil {
		s.Asked()
	}
	<-s.held
}

// Fileread opens a file.
func (s *served) Fileread(r *wire.Request) (io.ReaderAt, error) {
	if s.Ends {
		s.end()
	}
	f, err := os.Open(r.Filepath)
	if err != nil {
		return nil, err
	}
	return &shortFile{f, s}, nil
}

// shortFile returns less at once than is asked.
type shortFile struct {
	*os.File
	of *served
}

func (f *shortFile) ReadAt(b []byte, at int64) (int, error) {
	if f.of.Held > 0 && at >= f.of.Held {
		f.of.hold()
		return 0, io.EOF
	}
	if f.of.Short > 0 && len(b) > f.of.Short {
		b = b[:f.of.Short]
	}
	return f.File.ReadAt(b, at)
}

// Filewrite opens a file to write. It does not know how to append.
func (s *served) Filewrite(r *wire.Request) (io.WriterAt, error) {
	flags := os.O_WRONLY | os.O_CREATE
	if r.Pflags().Excl {
		flags |= os.O_EXCL
	}
	f, err := os.OpenFile(r.Filepath, flags, 0o640)
	if err != nil || !s.Quota {
		return f, err
	}
	return &fullFile{f}, nil
}

// fullFile takes nothing.
type fullFile struct{ *os.File }

func (f *fullFile) WriteAt([]byte, int64) (int, error) { return 0, wire.ErrSSHFxFailure + 11 } // SSH_FX_QUOTA_EXCEEDED

// Filecmd changes what is there.
func (s *served) Filecmd(r *wire.Request) error {
	switch r.Method {
	case "Rename":
		if s.Hangs {
			s.hold()
		}
		return os.Rename(r.Filepath, r.Target) // which replaces, as a server of version 3 must not
	case "Mkdir":
		return os.Mkdir(r.Filepath, 0o750)
	case "Remove":
		return os.Remove(r.Filepath)
	}
	return wire.ErrSSHFxOpUnsupported
}

// Filelist lists a folder, or says what a file is.
func (s *served) Filelist(r *wire.Request) (wire.ListerAt, error) {
	var all infos
	switch r.Method {
	case "List":
		entries, err := os.ReadDir(r.Filepath)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if i, err := e.Info(); err == nil {
				all = append(all, i)
			}
		}
		if s.Endless && len(all) > 0 {
			return endless{all[0]}, nil
		}
	case "Stat":
		i, err := os.Stat(r.Filepath)
		if err != nil {
			return nil, err
		}
		all = infos{i}
	default:
		return nil, wire.ErrSSHFxOpUnsupported
	}
	return all, nil
}

// Lstat says what a file is, without following it.
func (s *served) Lstat(r *wire.Request) (wire.ListerAt, error) {
	i, err := os.Lstat(r.Filepath)
	if err != nil {
		return nil, err
	}
	return infos{i}, nil
}

// infos are what is known of some files.
type infos []os.FileInfo

// ListAt returns some of them.
func (l infos) ListAt(to []os.FileInfo, from int64) (int, error) {
	if from >= int64(len(l)) {
		return 0, io.EOF
	}
	n := copy(to, l[from:])
	if n < len(to) {
		return n, io.EOF
	}
	return n, nil
}

// endless is a folder that goes on.
type endless struct{ one os.FileInfo }

// ListAt returns more.
func (e endless) ListAt(to []os.FileInfo, _ int64) (int, error) {
	for i := range to {
		to[i] = e.one
	}
	return len(to), nil
}
