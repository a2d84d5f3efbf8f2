// Package wsdl reads WSDL 1.1 into a description: ports, operations, and what each message of an operation holds, as plans of package
// xsd. Documents are files of the project; no address is ever fetched.
package wsdl
