//go:build tools

// Package kesstateful only pins what the image is built from: `go build github.com/minio/kes/cmd/kes` needs the module
// named by an import, and `go install …/cmd/kes@v0.22.3` fails on the registry's look-up.
package kesstateful

import _ "github.com/minio/kes/cmd/kes"
