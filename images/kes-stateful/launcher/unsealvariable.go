package main

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"os"
	"path/filepath"
)

// unsealVariable carries the unseal key into this container, whatever the data directory calls it.
const unsealVariable = "KES_UNSEAL_KEY"

// unsealVariableOf answers the name of the variable from which KES will read the unseal key. It is written into the sealed
// root key at `kes init` and never changes (KES v0.22.3, internal/sys/seal.go), and that file is never written by us.
func unsealVariableOf(data string) (string, error) {
	sealed, err := os.ReadFile(filepath.Join(data, sealedRootKey))
	if err != nil {
		return "", fmt.Errorf("cannot read %s: %w", sealedRootKey, err)
	}
	var stanza struct {
		Type string
		Body []byte
	}
	if err := gob.NewDecoder(bytes.NewReader(sealed)).Decode(&stanza); err != nil {
		return "", fmt.Errorf("%s cannot be read: it was not written by a stateful KES, or is damaged", sealedRootKey)
	}
	if stanza.Type != "ENVIRONMENT_SECRET" {
		return "", fmt.Errorf("%s is sealed by %q and not by a variable of the environment", sealedRootKey, stanza.Type)
	}
	var body struct {
		Name       string
		Ciphertext []byte
	}
	if err := gob.NewDecoder(bytes.NewReader(stanza.Body)).Decode(&body); err != nil || body.Name == "" {
		return "", fmt.Errorf("%s names no variable: it is damaged", sealedRootKey)
	}
	return body.Name, nil
}

// provideUnsealKey gives KES the unseal key under the name by which it will ask for it.
func provideUnsealKey(data string) error {
	name, err := unsealVariableOf(data)
	if err != nil {
		return err
	}
	key, given := os.LookupEnv(unsealVariable)
	if name == unsealVariable || !given {
		return nil
	}
	return os.Setenv(name, key)
}
