package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestOnlyDirectoriesThatChangedAreFlushed(t *testing.T) {
	root := t.TempDir()
	keys := filepath.Join(root, "enclave", "default", "key")
	write(t, filepath.Join(keys, "a"), "sealed")
	flusher := newDirectoryFlusher(root)
	if err := flusher.flushChanged(); err != nil {
		t.Fatal(err)
	}
	first := flusher.known[keys]
	if first.IsZero() {
		t.Fatal("the key directory was not flushed")
	}
	later := first.Add(time.Second)
	if err := os.Chtimes(keys, later, later); err != nil {
		t.Fatal(err)
	}
	if err := flusher.flushChanged(); err != nil {
		t.Fatal(err)
	}
	if !flusher.known[keys].Equal(later) {
		t.Fatal("the changed directory was not flushed")
	}
}

func TestTheLockOfADirectoryIsHeldByOne(t *testing.T) {
	directory := t.TempDir()
	lock, err := lockDirectory(directory)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockDirectory(directory); err == nil {
		t.Fatal("two hold the lock")
	}
	lock.Close()
	again, err := lockDirectory(directory)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}
