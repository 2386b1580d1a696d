package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOnlyAnotherGenerationAsksForARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "restart")
	file := restartFile{path: path}
	ask := func(want bool, when string) {
		t.Helper()
		if got := file.changed(); got != want {
			t.Fatalf("%s: %v", when, got)
		}
	}
	ask(false, "no file")
	write(t, path, "1")
	ask(false, "the first content seen")
	ask(false, "the same content")
	write(t, path, "2")
	ask(true, "another content")
	ask(false, "asked once only")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	ask(false, "the file is gone for a moment")
	write(t, path, "2")
	ask(false, "and is back unchanged")
	write(t, path, "")
	ask(true, "emptied")
}

func TestWithoutAPathNothingAsksForARestart(t *testing.T) {
	if (&restartFile{}).changed() {
		t.Fatal("changed")
	}
}
