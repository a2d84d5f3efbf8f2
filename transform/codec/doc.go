// Package codec turns bytes into values and back: JSON and XML, decoded strictly and straight into records laid out by
// their type, only the fields in use.
package codec
