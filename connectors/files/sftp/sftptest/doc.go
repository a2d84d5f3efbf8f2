// Package sftptest has the servers that the tests of SFTP speak with: OpenSSH, one in the test's own process, and a proxy that cuts and
// stalls connections.
package sftptest
