package main

import (
	"bytes"
	"encoding/gob"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var here = home{address: "0.0.0.0:7373", key: "/etc/kes/tls/tls.key", certificate: "/etc/kes/tls/tls.crt"}

const byHand = "version: \"1\"\naddress: 0.0.0.0:7373\ntls:\n    key: /root/server.key\n    cert: /root/server.crt\n"

// sealed is a sealed root key as KES v0.22.3 writes it (internal/sys/seal.go), without a key in it.
func sealed(t *testing.T, variable, kind string) string {
	t.Helper()
	var body, stanza bytes.Buffer
	if err := gob.NewEncoder(&body).Encode(struct {
		Name       string
		Ciphertext []byte
	}{variable, []byte("ciphertext")}); err != nil {
		t.Fatal(err)
	}
	if err := gob.NewEncoder(&stanza).Encode(struct {
		Type string
		Body []byte
	}{kind, body.Bytes()}); err != nil {
		t.Fatal(err)
	}
	return stanza.String()
}

// handMade is a data directory as `kes init` leaves it, with its former home in `.init`.
func handMade(t *testing.T) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "volume", "kes")
	write(t, filepath.Join(data, sealedRootKey), sealed(t, "THEIR_VARIABLE", "ENVIRONMENT_SECRET"))
	write(t, filepath.Join(data, startConfig), byHand)
	write(t, filepath.Join(data, defaultEnclave), "sealed enclave")
	write(t, filepath.Join(data, "enclave", "default", "key", "minio-key"), "sealed key")
	return data
}

func content(t *testing.T, path string) string {
	t.Helper()
	read, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(read)
}

// tree is every file below a directory with its content.
func tree(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	_ = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			all.WriteString(path + "\n" + content(t, path) + "\n")
		}
		return nil
	})
	return all.String()
}

func TestADataDirectoryMadeByHandGetsItsNewHomeAndKeepsTheFormer(t *testing.T) {
	data := handMade(t)
	rootKey := content(t, filepath.Join(data, sealedRootKey))
	message, err := adopt(data, here)
	if err != nil || !strings.Contains(message, "taken over") {
		t.Fatalf("%q, %v", message, err)
	}
	if got := content(t, filepath.Join(data, startConfig)); got != string(here.startConfig()) {
		t.Fatal(got)
	}
	if got := content(t, filepath.Join(data, formerStartConfig)); got != byHand {
		t.Fatal(got)
	}
	if content(t, filepath.Join(data, sealedRootKey)) != rootKey || content(t, filepath.Join(data, "enclave", "default", "key", "minio-key")) != "sealed key" {
		t.Fatal("a sealed thing was touched")
	}
	if got := siblings(t, filepath.Join(data, "x")); len(got) != 4 {
		t.Fatalf("left behind: %v", got)
	}
}

func TestTheSecondTakeOverChangesNothing(t *testing.T) {
	data := handMade(t)
	if _, err := adopt(data, here); err != nil {
		t.Fatal(err)
	}
	before := tree(t, data)
	message, err := adopt(data, here)
	if err != nil || !strings.Contains(message, "nothing to do") || tree(t, data) != before {
		t.Fatalf("%q, %v", message, err)
	}
}

func TestATakeOverThatWasKilledBetweenItsTwoWritesIsFinished(t *testing.T) {
	data := handMade(t)
	write(t, filepath.Join(data, formerStartConfig), byHand)
	if _, err := adopt(data, here); err != nil {
		t.Fatal(err)
	}
	if content(t, filepath.Join(data, formerStartConfig)) != byHand || content(t, filepath.Join(data, startConfig)) == byHand {
		t.Fatal(tree(t, data))
	}
}

func TestWhatIsNoDataDirectoryIsRefusedAndLeftAsItIs(t *testing.T) {
	without := func(name string) func(*testing.T) string {
		return func(t *testing.T) string {
			data := handMade(t)
			if err := os.Remove(filepath.Join(data, name)); err != nil {
				t.Fatal(err)
			}
			return data
		}
	}
	with := func(name, content string) func(*testing.T) string {
		return func(t *testing.T) string {
			data := handMade(t)
			write(t, filepath.Join(data, name), content)
			return data
		}
	}
	rows := map[string]struct {
		prepare func(*testing.T) string
		says    string
	}{
		"an empty volume":         {func(t *testing.T) string { return filepath.Join(t.TempDir(), "kes") }, "does not exist on this volume"},
		"the wrong directory":     {func(t *testing.T) string { return filepath.Join(filepath.Dir(handMade(t)), "other") }, "(there is one in "},
		"the volume's root":       {func(t *testing.T) string { return filepath.Dir(handMade(t)) }, "holds no .unseal"},
		"no sealed root key":      {without(sealedRootKey), "holds no .unseal"},
		"no start configuration":  {without(startConfig), "holds no .init"},
		"no enclave":              {without(defaultEnclave), "holds no enclave/default/.enclave"},
		"an empty sealed root":    {with(sealedRootKey, ""), "holds no .unseal"},
		"a damaged sealed root":   {with(sealedRootKey, "rubbish"), "cannot be read"},
		"another start version":   {with(startConfig, "version: v1\n"), "not of version 1"},
		"an empty start config":   {with(startConfig, ""), "holds no .init"},
		"a version in the middle": {with(startConfig, "other: version: 1\n"), "not of version 1"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			data := row.prepare(t)
			before := tree(t, filepath.Dir(data))
			_, err := adopt(data, here)
			if err == nil || !strings.Contains(err.Error(), row.says) {
				t.Fatalf("%v", err)
			}
			if after := tree(t, filepath.Dir(data)); after != before {
				t.Fatalf("something was written:\n%s", after)
			}
		})
	}
}

func TestAnotherWayOfSealingIsRefused(t *testing.T) {
	data := handMade(t)
	write(t, filepath.Join(data, sealedRootKey), sealed(t, "X", "HARDWARE"))
	if _, err := adopt(data, here); err == nil || !strings.Contains(err.Error(), "HARDWARE") {
		t.Fatal(err)
	}
}

func TestADataDirectoryThatIsServedIsNotTakenOver(t *testing.T) {
	data := handMade(t)
	lock, err := lockDirectory(data)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := adopt(data, here); err == nil || !strings.Contains(err.Error(), "still serves") {
		t.Fatal(err)
	}
}

func TestKesGetsTheUnsealKeyUnderTheNameThatItsDataSays(t *testing.T) {
	t.Setenv(unsealVariable, "the key")
	t.Setenv("THEIR_VARIABLE", "")
	if err := provideUnsealKey(handMade(t)); err != nil || os.Getenv("THEIR_VARIABLE") != "the key" {
		t.Fatalf("%v, %q", err, os.Getenv("THEIR_VARIABLE"))
	}
}

// standIn is a program in the place of KES.
func standIn(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kes")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestKesItselfSaysWhetherItCanOpenTheData(t *testing.T) {
	if err := opens(standIn(t, `echo "Endpoints https://127.0.0.1"; exec sleep 60`), "data"); err != nil {
		t.Fatal(err)
	}
	err := opens(standIn(t, `echo "Error: failed: ciphertext is not authentic" >&2; exit 1`), "data")
	if err == nil || err.Error() != "kes cannot open the data directory: failed: ciphertext is not authentic" {
		t.Fatal(err)
	}
	if err := opens("/nonexistent/kes", "data"); err == nil {
		t.Fatal("nothing was started and nothing was said")
	}
}

func TestAKesWithoutInitIsRefusedByWhatItSays(t *testing.T) {
	kes := func(script string) string { return standIn(t, script) }
	if err := isStateful(kes(`echo "Usage: kes init [options] <PATH>" >&2; exit 2`)); err != nil {
		t.Fatal(err)
	}
	if err := isStateful(kes(`echo 'Error: "init" is not a kes command'; exit 1`)); err != errNotStateful {
		t.Fatal(err)
	}
	if err := isStateful("/nonexistent/kes"); err == nil || err == errNotStateful {
		t.Fatal(err)
	}
}
