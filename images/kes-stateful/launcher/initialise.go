package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

const (
	// sealedRootKey is the file that `kes init` writes into the data directory: without it the directory is worth nothing.
	sealedRootKey = ".unseal"
	// attemptPattern names the siblings of the data directory in which an initialisation is prepared.
	attemptPattern = ".kes-init-*"
)

// initialise makes the data directory unless it is there, in one step that is either done or not done: KES works in a
// sibling directory, everything is flushed to the disk, and then the sibling is renamed. So a kill at any moment leaves
// the data directory whole or absent.
//
// It refuses in two cases, because a second initialisation is the loss of every key:
//   - the directory is there without its sealed root key: something else lies there, or the volume is damaged;
//   - the directory is absent and so is the init file: the controller takes that file away once the key server was seen
//     with its data, so the volume was lost or swapped.
//
// `kes init --force` removes what is there first: it is never used.
func initialise(data, config string, kesInit func(directory string) error) (string, error) {
	lock, err := lockDirectory(filepath.Dir(data))
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return "", errors.New("another launcher works on this volume")
	}
	if err != nil {
		return "", fmt.Errorf("cannot look at the volume: %w", err)
	}
	defer lock.Close()

	if isInitialised(data) {
		return "data directory exists, nothing to do", nil
	}
	if _, err := os.Lstat(data); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return "", fmt.Errorf("cannot look at the data directory: %w", err)
		}
		return "", fmt.Errorf("%s exists without %s: it is no data directory of a key server; restore a backup, or move it away if it never held keys", data, sealedRootKey)
	}
	if _, err := os.Stat(config); errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("data directory is empty but this key server has been initialised before: its volume was lost or swapped; restore a backup")
	} else if err != nil {
		return "", fmt.Errorf("cannot look at the init file: %w", err)
	}
	if err := removeSiblings(filepath.Dir(data), attemptPattern); err != nil {
		return "", fmt.Errorf("cannot remove what a killed initialisation left: %w", err)
	}

	attempt, err := newAttempt(filepath.Dir(data))
	if err != nil {
		return "", err
	}
	if err := kesInit(attempt); err != nil {
		return "", fmt.Errorf("kes init failed: %w", err)
	}
	if !isInitialised(attempt) {
		return "", fmt.Errorf("kes init ended well but wrote no %s", sealedRootKey)
	}
	if err := flushTree(attempt); err != nil {
		return "", fmt.Errorf("cannot flush the new data directory: %w", err)
	}
	if err := os.Rename(attempt, data); err != nil {
		return "", fmt.Errorf("cannot move the new data directory into its place: %w", err)
	}
	if err := flush(filepath.Dir(data)); err != nil {
		return "", fmt.Errorf("cannot flush the volume: %w", err)
	}
	return "data directory made", nil
}

// isInitialised says whether a sealed root key lies in the directory.
func isInitialised(directory string) bool {
	info, err := os.Lstat(filepath.Join(directory, sealedRootKey))
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}

// newAttempt answers a path that does not exist: `kes init` refuses even an empty directory.
func newAttempt(parent string) (string, error) {
	attempt, err := os.MkdirTemp(parent, attemptPattern)
	if err != nil {
		return "", fmt.Errorf("cannot write to the volume: %w", err)
	}
	return attempt, os.Remove(attempt)
}

func removeSiblings(parent, pattern string) error {
	attempts, err := filepath.Glob(filepath.Join(parent, pattern))
	if err != nil {
		return err
	}
	for _, attempt := range attempts {
		if err := os.RemoveAll(attempt); err != nil {
			return err
		}
	}
	return nil
}

// kesInit runs the real `kes init`. What it says on success is decoration; its errors go to our own standard error.
func kesInit(kes, config string) func(directory string) error {
	return func(directory string) error {
		// The kernel ends the child with the thread that started it: keep that thread.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		command := exec.Command(kes, "init", "--config", config, directory)
		command.Stderr = os.Stderr
		command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		return command.Run()
	}
}
