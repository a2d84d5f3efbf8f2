// Package s3test has the store that the tests of S3 speak with: the Versity S3 Gateway, which shows a folder of this machine.
package s3test
