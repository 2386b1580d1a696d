package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	exportAttempts = 20
	exportPause    = 100 * time.Millisecond
	// largestTree is what an archive may hold: a key is some hundred bytes, so this is a hundred thousand keys and more.
	largestTree = 256 << 20
)

// treeEntry is a file or directory as one look at the data directory found it. Two looks that are equal saw the same tree:
// a change of KES ends in a rename, which changes the inode of the file and the time of its directory.
type treeEntry struct {
	path      string
	mode      fs.FileMode
	directory bool
	size      int64
	inode     uint64
	changed   time.Time
}

var errTreeChanges = errors.New("the data directory changes faster than it can be read: try again")

// exportTree writes the data directory as a tar archive, while KES may go on working. Every file is read whole, and the
// archive is written only when nothing has changed meanwhile, so it holds what a crash at one moment would have left.
// It answers the number of files and the SHA-256 of the archive.
func exportTree(data string, out io.Writer) (files int, digest string, err error) {
	if !isInitialised(data) {
		return 0, "", fmt.Errorf("%s holds no initialised key server", data)
	}
	for attempt := 0; attempt < exportAttempts; attempt++ {
		entries, contents, err := readTree(data)
		if errors.Is(err, errTreeChanges) {
			time.Sleep(exportPause)
			continue
		}
		if err != nil {
			return 0, "", err
		}
		return writeArchive(entries, contents, out)
	}
	return 0, "", errTreeChanges
}

// readTree reads everything between two equal looks.
func readTree(data string) ([]treeEntry, map[string][]byte, error) {
	before, err := lookAtTree(data)
	if err != nil {
		return nil, nil, err
	}
	contents := map[string][]byte{}
	var total int64
	for _, entry := range before {
		if entry.directory {
			continue
		}
		if total += entry.size; total > largestTree {
			return nil, nil, fmt.Errorf("the data directory holds more than %d bytes", largestTree)
		}
		content, err := os.ReadFile(filepath.Join(data, entry.path))
		if errors.Is(err, fs.ErrNotExist) || (err == nil && int64(len(content)) != entry.size) {
			return nil, nil, errTreeChanges
		}
		if err != nil {
			return nil, nil, err
		}
		contents[entry.path] = content
	}
	after, err := lookAtTree(data)
	if err != nil {
		return nil, nil, err
	}
	if !slices.Equal(before, after) {
		return nil, nil, errTreeChanges
	}
	return before, contents, nil
}

// lookAtTree lists files and directories below data, in the order of their names. Temporary files of KES (`.key.tmp` and
// the like) are left out: what KES has not renamed yet does not exist.
func lookAtTree(data string) ([]treeEntry, error) {
	var entries []treeEntry
	err := filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path != data {
			return errTreeChanges
		}
		if err != nil {
			return err
		}
		name := entry.Name()
		if path == data || (!entry.IsDir() && strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".tmp")) {
			return nil
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return errTreeChanges
		}
		if err != nil {
			return err
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			return fmt.Errorf("%s is neither a file nor a directory: KES makes no such thing", path)
		}
		relative, err := filepath.Rel(data, path)
		if err != nil {
			return err
		}
		found := treeEntry{path: relative, mode: info.Mode().Perm(), directory: info.IsDir(), changed: info.ModTime()}
		if !found.directory {
			found.size = info.Size()
		}
		if status, ok := info.Sys().(*syscall.Stat_t); ok {
			found.inode = status.Ino
		}
		entries = append(entries, found)
		return nil
	})
	return entries, err
}

func writeArchive(entries []treeEntry, contents map[string][]byte, out io.Writer) (int, string, error) {
	hash := sha256.New()
	archive := tar.NewWriter(io.MultiWriter(out, hash))
	for _, entry := range entries {
		header := &tar.Header{Name: entry.path, Mode: int64(entry.mode), Format: tar.FormatUSTAR, Typeflag: tar.TypeReg}
		if entry.directory {
			header.Typeflag, header.Name = tar.TypeDir, entry.path+"/"
		}
		header.Size = int64(len(contents[entry.path]))
		if err := archive.WriteHeader(header); err != nil {
			return 0, "", err
		}
		if _, err := archive.Write(contents[entry.path]); err != nil {
			return 0, "", err
		}
	}
	if err := archive.Close(); err != nil {
		return 0, "", err
	}
	return len(contents), hex.EncodeToString(hash.Sum(nil)), nil
}
