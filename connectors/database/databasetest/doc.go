// Package databasetest is what the protocol database promises on each database that it speaks with, tried on a real one.
package databasetest
