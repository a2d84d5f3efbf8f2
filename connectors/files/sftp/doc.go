// Package sftp is files in a folder of a server of SFTP, version 3 as OpenSSH and nearly all others speak it
// (draft-ietf-secsh-filexfer-02), over SSH. It is the only home of the libraries for both.
package sftp
