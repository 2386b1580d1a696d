package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestAWrongCallIsToldHowToCall(t *testing.T) {
	for _, arguments := range [][]string{nil, {"start"}, {"init", "--force"}, {"init", "extra"}, {"serve", "--nonsense"}, {"adopt", "--data", "x"}, {"export", "extra"}, {"import", "--data", "x"}} {
		var said syncBuffer
		if code := run(arguments, nil, nil, &said); code != 2 || !strings.Contains(said.String(), "launcher serve") {
			t.Errorf("%v: %d, %s", arguments, code, &said)
		}
	}
}

func TestServeRefusesADirectoryThatWasNotInitialised(t *testing.T) {
	var said syncBuffer
	code := run([]string{"serve", "--data", filepath.Join(t.TempDir(), "kes")}, nil, nil, &said)
	if code != 1 || !strings.Contains(said.String(), "holds no initialised key server") {
		t.Fatalf("%d, %s", code, &said)
	}
}
