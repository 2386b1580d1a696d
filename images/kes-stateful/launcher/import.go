package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"
)

// importPattern names the siblings of the data directory in which a restore is prepared.
const importPattern = ".kes-import-*"

// errDataExists is answered with an exit code of its own: whoever restores then asks what is there.
var errDataExists = errors.New("there is another data directory on this volume: nothing was written")

// importTree makes the data directory from a tar archive, in one step that is either done or not done: it is unpacked into
// a sibling, compared with the SHA-256 that the archive must have, flushed to the disk, and then renamed. It never writes
// into a data directory that exists; one that holds the very same is what a killed restore had finished. It answers the
// number of files.
func importTree(data string, archive io.Reader, wanted string) (int, error) {
	volume := filepath.Dir(data)
	// A server that was taken over may have its data deeper in the volume.
	if err := os.MkdirAll(volume, 0o755); err != nil {
		return 0, fmt.Errorf("cannot write to the volume: %w", err)
	}
	lock, err := lockDirectory(volume)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return 0, errors.New("another launcher works on this volume")
	}
	if err != nil {
		return 0, fmt.Errorf("cannot look at the volume: %w", err)
	}
	defer lock.Close()

	if err := removeSiblings(volume, importPattern); err != nil {
		return 0, fmt.Errorf("cannot remove what a killed import left: %w", err)
	}
	attempt, err := os.MkdirTemp(volume, importPattern)
	if err != nil {
		return 0, fmt.Errorf("cannot write to the volume: %w", err)
	}
	defer os.RemoveAll(attempt)

	files, err := unpack(attempt, archive, wanted)
	if err != nil {
		return 0, err
	}
	if !isInitialised(attempt) {
		return 0, fmt.Errorf("the archive holds no %s: it is no data directory of a key server", sealedRootKey)
	}
	if _, err := os.Lstat(data); err == nil {
		if same, err := sameTrees(attempt, data); err != nil || !same {
			return 0, errors.Join(errDataExists, err)
		}
		return files, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("cannot look at the data directory: %w", err)
	}
	if err := flushTree(attempt); err != nil {
		return 0, fmt.Errorf("cannot flush the data directory: %w", err)
	}
	if err := os.Rename(attempt, data); err != nil {
		return 0, fmt.Errorf("cannot move the data directory into its place: %w", err)
	}
	if err := flush(volume); err != nil {
		return 0, fmt.Errorf("cannot flush the volume: %w", err)
	}
	return files, nil
}

// sameTrees says whether two directories hold the same names and the same bytes.
func sameTrees(one, other string) (bool, error) {
	entries, contents, err := readTree(one)
	if err != nil {
		return false, err
	}
	others, otherContents, err := readTree(other)
	if err != nil {
		return false, err
	}
	return slices.EqualFunc(entries, others, func(a, b treeEntry) bool {
		return a.path == b.path && a.directory == b.directory && bytes.Equal(contents[a.path], otherContents[b.path])
	}), nil
}

// unpack reads the archive up to its end mark; the stream itself may stay open behind it.
func unpack(into string, archive io.Reader, wanted string) (files int, err error) {
	hash := sha256.New()
	reader := tar.NewReader(io.TeeReader(archive, hash))
	var total int64
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, fmt.Errorf("the archive cannot be read: %w", err)
		}
		name := path.Clean(header.Name)
		if !filepath.IsLocal(name) || name == "." {
			return 0, errors.New("the archive names something outside the data directory")
		}
		if total += header.Size; header.Size < 0 || total > largestTree {
			return 0, fmt.Errorf("the archive holds more than %d bytes", largestTree)
		}
		target := filepath.Join(into, name)
		switch header.Typeflag {
		case tar.TypeDir:
			err = os.Mkdir(target, 0o755)
		case tar.TypeReg:
			err = writeNew(target, reader)
			files++
		default:
			err = errors.New("it is neither a file nor a directory")
		}
		if err != nil {
			return 0, fmt.Errorf("cannot unpack an entry of the archive: %w", err)
		}
	}
	if hex.EncodeToString(hash.Sum(nil)) != wanted {
		return 0, errors.New("the archive is not the one that was announced: it was cut off or damaged on its way")
	}
	return files, nil
}

// writeNew writes a file that must not be there; the caller flushes it.
func writeNew(target string, content io.Reader) error {
	file, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, content); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
