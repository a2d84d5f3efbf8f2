// Package s3 is files in a bucket of a store that speaks the protocol of Amazon S3. It is the home of the library that speaks it.
package s3
