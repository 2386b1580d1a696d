package main

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"
)

var errNotStateful = errors.New("the KES of this image knows no `kes init`: it is of 2023-09-28 or later and cannot read this data directory. Nothing was written; go back to an image with KES v0.20.0 to 2023-08-19")

// isStateful asks KES itself: a later one has no command of that name, and no version string that could be relied on.
func isStateful(kes string) error {
	limit, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	said, err := exec.CommandContext(limit, kes, "init", "--help").CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	if !strings.Contains(string(said), "kes init ") {
		return errNotStateful
	}
	return nil
}
