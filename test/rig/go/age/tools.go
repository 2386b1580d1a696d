//go:build tools

// Package tools names the program this module pins.
package tools

import _ "filippo.io/age/cmd/age"
