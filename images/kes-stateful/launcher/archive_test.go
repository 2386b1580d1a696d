package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// dataDirectory looks like one that KES made: files, an empty directory, a file that KES has not renamed yet.
func dataDirectory(t *testing.T) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "kes")
	write(t, filepath.Join(data, sealedRootKey), "sealed root key")
	write(t, filepath.Join(data, "enclave", "default", "key", strings.Repeat("k", 80)), "\x00sealed\xff")
	write(t, filepath.Join(data, "enclave", "default", "identity", ".admin", "aa"), "admin")
	write(t, filepath.Join(data, "enclave", "default", "key", ".key.tmp"), "half")
	if err := os.MkdirAll(filepath.Join(data, "enclave", "default", "secret"), 0o755); err != nil {
		t.Fatal(err)
	}
	return data
}

func exported(t *testing.T, data string) ([]byte, string) {
	t.Helper()
	var archive bytes.Buffer
	_, digest, err := exportTree(data, &archive)
	if err != nil {
		t.Fatal(err)
	}
	return archive.Bytes(), digest
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func TestWhatIsExportedIsImportedAsItWas(t *testing.T) {
	data := dataDirectory(t)
	archive, digest := exported(t, data)
	if digest != digestOf(archive) {
		t.Fatal("the digest is not that of the archive")
	}
	restored := filepath.Join(t.TempDir(), "kes")
	// The stream stays open behind the archive, as the API server leaves it.
	reader, writer := io.Pipe()
	go writer.Write(archive)
	files, err := importTree(restored, reader, digest)
	if err != nil || files != 3 {
		t.Fatal(files, err)
	}
	again, _ := exported(t, restored)
	if digestOf(again) == digest {
		return
	}
	// Modes differ where the umask or KES chose others; names and contents may not.
	if want, got := listing(t, archive), listing(t, again); want != got {
		t.Fatalf("%s\nbecame\n%s", want, got)
	}
}

func listing(t *testing.T, archive []byte) string {
	t.Helper()
	var lines []string
	for reader := tar.NewReader(bytes.NewReader(archive)); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return strings.Join(lines, "\n")
		}
		content, readErr := io.ReadAll(reader)
		if err := errors.Join(err, readErr); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, header.Name+" "+digestOf(content))
	}
}

func TestTemporaryFilesOfKESAreNotExported(t *testing.T) {
	archive, _ := exported(t, dataDirectory(t))
	if names := listing(t, archive); strings.Contains(names, ".key.tmp") || !strings.Contains(names, "default/secret/ ") {
		t.Fatal(names)
	}
}

func TestAnExportReadsAgainUntilNothingChanges(t *testing.T) {
	data := dataDirectory(t)
	before, err := lookAtTree(data)
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(data, "enclave", "default", "key", "another")
	write(t, key+".new", "sealed")
	if err := os.Rename(key+".new", key); err != nil {
		t.Fatal(err)
	}
	after, err := lookAtTree(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(after) != len(before)+1 {
		t.Fatal("the new key was not seen")
	}
	// A key that is replaced has the same name and size.
	write(t, key+".new", "SEALED")
	if err := os.Rename(key+".new", key); err != nil {
		t.Fatal(err)
	}
	replaced, err := lookAtTree(data)
	if err != nil {
		t.Fatal(err)
	}
	same := true
	for i := range after {
		same = same && after[i] == replaced[i]
	}
	if same {
		t.Fatal("a replaced key was not noticed")
	}
}

func TestNothingIsExportedThatIsNoDataDirectory(t *testing.T) {
	var out bytes.Buffer
	if _, _, err := exportTree(t.TempDir(), &out); err == nil || out.Len() != 0 {
		t.Fatal(err)
	}
	data := dataDirectory(t)
	if err := os.Symlink("/etc/passwd", filepath.Join(data, "link")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := exportTree(data, &out); err == nil || out.Len() != 0 {
		t.Fatal("a link was followed or left out silently")
	}
}

func TestAnImportNeverTouchesADataDirectory(t *testing.T) {
	archive, digest := exported(t, dataDirectory(t))
	data := dataDirectory(t)
	write(t, filepath.Join(data, "enclave", "default", "key", "of-another-server"), "sealed")
	before, _ := exported(t, data)
	if _, err := importTree(data, bytes.NewReader(archive), digest); !errors.Is(err, errDataExists) {
		t.Fatal(err)
	}
	if after, _ := exported(t, data); !bytes.Equal(before, after) {
		t.Fatal("the data directory was changed")
	}
	var said syncBuffer
	if code := run([]string{"import", "--data", data, "--sha256", digest}, bytes.NewReader(archive), nil, &said); code != 3 {
		t.Fatal(code, &said)
	}
}

func TestAnImportThatWasDoneIsDoneAgainWithoutWriting(t *testing.T) {
	data := dataDirectory(t)
	archive, digest := exported(t, data)
	files, err := importTree(data, bytes.NewReader(archive), digest)
	if err != nil || files != 3 {
		t.Fatal(files, err)
	}
	if left := siblings(t, data); len(left) != 1 {
		t.Fatal(left)
	}
	write(t, filepath.Join(data, "enclave", "default", "key", strings.Repeat("k", 80)), "\x00SEALED\xff")
	if _, err := importTree(data, bytes.NewReader(archive), digest); !errors.Is(err, errDataExists) {
		t.Fatal("a data directory with another key counted as the same:", err)
	}
}

func TestADamagedOrHostileArchiveLeavesNothing(t *testing.T) {
	archive, digest := exported(t, dataDirectory(t))
	damaged := bytes.Clone(archive)
	damaged[bytes.Index(damaged, []byte("sealed root key"))] ^= 1
	made := func(headers ...tar.Header) []byte {
		var out bytes.Buffer
		writer := tar.NewWriter(&out)
		for _, header := range headers {
			if err := writer.WriteHeader(&header); err != nil {
				t.Fatal(err)
			}
		}
		writer.Close()
		return out.Bytes()
	}
	unsealed := made(tar.Header{Name: "enclave/", Typeflag: tar.TypeDir})
	cases := map[string]struct {
		archive []byte
		digest  string
	}{
		"damaged":        {damaged, digest},
		"cut off":        {archive[:len(archive)/2], digest},
		"without an end": {archive[:len(archive)-1024], digest},
		"nothing":        {nil, digestOf(nil)},
		"unsealed":       {unsealed, digestOf(unsealed)},
		"climbing":       {made(tar.Header{Name: "../out", Typeflag: tar.TypeReg}), ""},
		"absolute":       {made(tar.Header{Name: "/tmp/out", Typeflag: tar.TypeReg}), ""},
		"link":           {made(tar.Header{Name: "a", Typeflag: tar.TypeSymlink, Linkname: "/etc"}), ""},
		"twice":          {made(tar.Header{Name: "a", Typeflag: tar.TypeReg}, tar.Header{Name: "a", Typeflag: tar.TypeReg}), ""},
	}
	for name, each := range cases {
		data := filepath.Join(t.TempDir(), "kes")
		if _, err := importTree(data, bytes.NewReader(each.archive), each.digest); err == nil {
			t.Errorf("%s: it was imported", name)
		}
		if left := siblings(t, data); len(left) != 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
}

func TestAnImportRemovesWhatAKilledOneLeft(t *testing.T) {
	archive, digest := exported(t, dataDirectory(t))
	data := filepath.Join(t.TempDir(), "kes")
	write(t, filepath.Join(filepath.Dir(data), ".kes-import-1", "half"), "x")
	if _, err := importTree(data, bytes.NewReader(archive), digest); err != nil {
		t.Fatal(err)
	}
	if left := siblings(t, data); len(left) != 1 || left[0] != "kes" {
		t.Fatal(left)
	}
}
