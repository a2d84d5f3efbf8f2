// Package ftptest has the servers that the tests of FTP speak with: vsftpd, and one in the test's own process that does what it should not.
package ftptest
