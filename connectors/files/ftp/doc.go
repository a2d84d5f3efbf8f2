// Package ftp is files in a folder of a server of FTP, also over TLS. It is the home of the library that speaks it. FTP says little: no
// links, no reason of a failure, no fsync, and without MLSD times to the minute; what that means stands in docs/guide/files.md.
package ftp
