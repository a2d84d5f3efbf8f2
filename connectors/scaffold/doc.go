// Package scaffold makes the files of a new connector out of a description that a vendor publishes, such as a WSDL. What the
// description does not say is guessed, and marked in the files for a person to review. A protocol that can read such
// descriptions has an Importer.
package scaffold
