package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockDirectory takes the directory's advisory lock or fails at once. The kernel drops it when the launcher ends, however
// that happens. KES itself has no lock file, and two of them on one volume serve stale policies. On a volume that knows no
// locks nothing but the StatefulSet keeps a second one away.
func lockDirectory(directory string) (*os.File, error) {
	file, err := os.Open(directory)
	if err != nil {
		return nil, err
	}
	switch err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case err == nil, errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.ENOLCK):
		return file, nil
	default:
		file.Close()
		return nil, err
	}
}

// lockVolume waits for the lock of the data directory: the former pod may still be ending on this node.
func lockVolume(data string, log logger) (*os.File, error) {
	for told := false; ; told = true {
		lock, err := lockDirectory(data)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return lock, err
		}
		if !told {
			log.event("warn", "another launcher still serves this data directory: waiting for it to end")
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// flushTree writes every file and directory below root to the disk, the deepest first.
func flushTree(root string) error {
	var paths []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() || entry.Type().IsRegular() {
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := len(paths) - 1; i >= 0; i-- {
		if err := flush(paths[i]); err != nil {
			return err
		}
	}
	return nil
}

func flush(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return file.Sync()
}

// directoryFlusher makes new names durable. KES flushes a new key's file but not the directory that names it, so a power
// failure soon after `create` could lose the key of objects that were already encrypted with it.
type directoryFlusher struct {
	root  string
	known map[string]time.Time
}

func newDirectoryFlusher(root string) *directoryFlusher {
	return &directoryFlusher{root: root, known: map[string]time.Time{}}
}

// flushChanged flushes the key, policy and identity directories of every enclave that changed since the last call.
func (f *directoryFlusher) flushChanged() error {
	directories, err := filepath.Glob(filepath.Join(f.root, "enclave", "*", "*"))
	if err != nil {
		return err
	}
	var failed error
	for _, directory := range directories {
		info, err := os.Stat(directory)
		if err != nil || !info.IsDir() || info.ModTime().Equal(f.known[directory]) {
			continue
		}
		if err := flush(directory); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		f.known[directory] = info.ModTime()
	}
	return failed
}
