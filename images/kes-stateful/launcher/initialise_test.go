package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// volume is an empty volume with an init file beside it.
func volume(t *testing.T) (data, config string) {
	t.Helper()
	config = filepath.Join(t.TempDir(), "init.yml")
	write(t, config, "version: v1")
	return filepath.Join(t.TempDir(), "kes"), config
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// goodInit does what `kes init` leaves behind, and refuses a directory that exists as `kes init` does.
func goodInit(directory string) error {
	if err := os.Mkdir(directory, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, sealedRootKey), []byte("sealed"), 0o600)
}

func neverInit(t *testing.T) func(string) error {
	return func(string) error {
		t.Error("kes init was run")
		return nil
	}
}

func siblings(t *testing.T, data string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(data))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestAnEmptyVolumeIsInitialisedOnce(t *testing.T) {
	data, config := volume(t)
	if _, err := initialise(data, config, goodInit); err != nil {
		t.Fatal(err)
	}
	message, err := initialise(data, config, neverInit(t))
	if err != nil || message != "data directory exists, nothing to do" {
		t.Fatalf("the second time: %q, %v", message, err)
	}
	if names := siblings(t, data); len(names) != 1 || names[0] != "kes" {
		t.Fatalf("left on the volume: %v", names)
	}
}

func TestAnEmptyVolumeWithoutAnInitFileIsALostVolume(t *testing.T) {
	data, config := volume(t)
	if err := os.Remove(config); err != nil {
		t.Fatal(err)
	}
	if _, err := initialise(data, config, neverInit(t)); err == nil || !strings.Contains(err.Error(), "lost or swapped") {
		t.Fatalf("answered %v", err)
	}
}

func TestADirectoryWithoutASealedRootKeyIsLeftAlone(t *testing.T) {
	for name, content := range map[string]string{"enclave/default/key/a": "sealed", sealedRootKey: ""} {
		data, config := volume(t)
		write(t, filepath.Join(data, name), content)
		if _, err := initialise(data, config, neverInit(t)); err == nil || !strings.Contains(err.Error(), "restore a backup") {
			t.Fatalf("with %s: answered %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(data, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADirectoryWithDataNeedsNoInitFile(t *testing.T) {
	data, config := volume(t)
	write(t, filepath.Join(data, sealedRootKey), "sealed")
	if err := os.Remove(config); err != nil {
		t.Fatal(err)
	}
	if _, err := initialise(data, config, neverInit(t)); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAKilledInitialisationLeftIsRemoved(t *testing.T) {
	data, config := volume(t)
	write(t, filepath.Join(filepath.Dir(data), ".kes-init-123", sealedRootKey), "half")
	write(t, filepath.Join(filepath.Dir(data), "lost+found", "a"), "not ours")
	if _, err := initialise(data, config, goodInit); err != nil {
		t.Fatal(err)
	}
	if names := siblings(t, data); strings.Join(names, " ") != "kes lost+found" {
		t.Fatalf("left on the volume: %v", names)
	}
}

func TestAFailedInitialisationLeavesNoDataDirectory(t *testing.T) {
	for name, broken := range map[string]func(string) error{
		"fails":          func(string) error { return errors.New("no unseal variable") },
		"writes nothing": func(directory string) error { return os.Mkdir(directory, 0o700) },
		"fails half way": func(directory string) error { return errors.Join(goodInit(directory), errors.New("disk full")) },
	} {
		data, config := volume(t)
		if _, err := initialise(data, config, broken); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := os.Stat(data); !os.IsNotExist(err) {
			t.Errorf("%s: there is a data directory", name)
		}
		if _, err := initialise(data, config, goodInit); err != nil {
			t.Errorf("%s: the next try: %v", name, err)
		}
	}
}

func TestTwoInitialisationsDoNotRunAtOnce(t *testing.T) {
	data, config := volume(t)
	_, err := initialise(data, config, func(directory string) error {
		if _, err := initialise(data, config, neverInit(t)); err == nil || !strings.Contains(err.Error(), "another launcher") {
			t.Errorf("the second one answered %v", err)
		}
		return goodInit(directory)
	})
	if err != nil {
		t.Fatal(err)
	}
}
