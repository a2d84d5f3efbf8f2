//go:build race

package expr

const raced = true // the race detector multiplies the time that everything takes
