package main

import (
	"io"
	"os"
)

const longestGeneration = 64 * 1024

// restartFile sees when the controller asks for a restart: the content of a file (an annotation of the pod, by the
// downward API) is a generation, and another generation means one restart. What was there first asks for nothing.
type restartFile struct {
	path string
	seen *string
}

// changed reads the file. A file that is not there or cannot be read says nothing.
func (f *restartFile) changed() bool {
	if f.path == "" {
		return false
	}
	file, err := os.Open(f.path)
	if err != nil {
		return false
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, longestGeneration))
	if err != nil {
		return false
	}
	generation := string(content)
	first := f.seen == nil
	different := first || *f.seen != generation
	f.seen = &generation
	return different && !first
}
