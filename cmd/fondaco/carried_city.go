//go:build !nocity

package main

import "fondaco/examples/dime"

func init() { carried = dime.Files }
