//go:build race

package main

const raced = true // the race detector's own memory is not counted
