package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

const (
	// startConfig is what `kes server` reads first: where to listen, and where its certificate lies (KES v0.22.3, internal/sys/fs).
	startConfig = ".init"
	// formerStartConfig keeps the one of the key server's former home, for the way back.
	formerStartConfig = ".init.before-kes-injector"
	// defaultEnclave is the only one that MinIO reaches.
	defaultEnclave = "enclave/default/.enclave"
)

// startConfigVersion is the only one that KES v0.22.3 writes or takes.
var startConfigVersion = regexp.MustCompile(`(?m)^version:[ \t]*["']?1["']?[ \t]*\r?$`)

// home is where a taken-over KES listens and finds its certificate from now on.
type home struct {
	address, key, certificate string
}

// startConfig is `.init` as KES reads it. Client certificates are not verified against authorities: this KES can name system roots only.
func (h home) startConfig() []byte {
	return fmt.Appendf(nil, `version: "1"
address: %q
tls:
  key: %q
  cert: %q
  password: ""
  client:
    verify_cert: false
`, h.address, h.key, h.certificate)
}

// adopt makes a data directory that was made by hand start here: `.init`, which names the paths and the address of its former
// home, is replaced; a copy stays beside it. No key, policy, identity and no sealed key is touched. Whatever is not a
// data directory of a stateful KES is refused, and nothing is written.
func adopt(data string, to home) (string, error) {
	lock, err := lockDirectory(data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%s does not exist on this volume: it is no data directory of a stateful KES%s; nothing was written", data, elsewhere(data))
	case errors.Is(err, syscall.EWOULDBLOCK):
		return "", errors.New("another launcher still serves this data directory")
	case errors.Is(err, fs.ErrPermission):
		return "", unreadable(data)
	case err != nil:
		return "", fmt.Errorf("cannot look at the data directory: %w", err)
	}
	defer lock.Close()

	for _, name := range []string{sealedRootKey, startConfig, defaultEnclave} {
		info, err := os.Lstat(filepath.Join(data, name))
		if errors.Is(err, fs.ErrPermission) {
			return "", unreadable(data)
		}
		if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
			return "", fmt.Errorf("%s holds no %s: it is no data directory of a stateful KES%s; nothing was written", data, name, elsewhere(data))
		}
	}
	if _, err := unsealVariableOf(data); err != nil {
		return "", err
	}
	former, err := os.ReadFile(filepath.Join(data, startConfig))
	if errors.Is(err, fs.ErrPermission) {
		return "", unreadable(data)
	}
	if err != nil {
		return "", fmt.Errorf("cannot read %s: %w", startConfig, err)
	}
	next := to.startConfig()
	if bytes.Equal(former, next) {
		return "data directory was taken over before, nothing to do", nil
	}
	if !startConfigVersion.Match(former) {
		return "", fmt.Errorf("%s of %s is not of version 1, so it was made by another KES than v0.20.0 to 2023-08-19; nothing was written", startConfig, data)
	}
	// The copy first: a kill between the two leaves the former home as it was.
	if err := replaceFile(data, formerStartConfig, former); err != nil {
		return "", err
	}
	if err := replaceFile(data, startConfig, next); err != nil {
		return "", err
	}
	return "data directory taken over; its former " + startConfig + " is kept as " + formerStartConfig, nil
}

// replaceFile is done or not done, whenever it is killed.
func replaceFile(directory, name string, content []byte) error {
	temporary, err := os.CreateTemp(directory, ".launcher-*.tmp")
	if err != nil {
		return fmt.Errorf("cannot write to the data directory: %w", err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(content)
	if err := errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	if err := os.Rename(temporary.Name(), filepath.Join(directory, name)); err != nil {
		return fmt.Errorf("cannot put %s into its place: %w", name, err)
	}
	return flush(directory)
}

// elsewhere names data directories that lie beside the one that was named.
func elsewhere(data string) string {
	var found []string
	for _, pattern := range []string{"*", "*/*"} {
		matches, _ := filepath.Glob(filepath.Join(filepath.Dir(data), pattern, sealedRootKey))
		for _, match := range matches {
			found = append(found, filepath.Dir(match))
		}
	}
	if len(found) == 0 {
		return ""
	}
	return " (there is one in " + strings.Join(found[:min(len(found), 3)], ", ") + ")"
}

func unreadable(data string) error {
	return fmt.Errorf("user %d may not read %s: make it readable for the group %d (a volume that knows fsGroup does so by itself); nothing was written", os.Getuid(), data, os.Getgid())
}
