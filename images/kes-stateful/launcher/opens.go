package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// openingLimit is long for a slow disk; a KES that can open its data says so within a tenth of a second.
const openingLimit = 20 * time.Second

// opens asks the real KES whether it can open the data directory with the unseal key and the certificate that it is given: it
// is started where nobody can reach it, and ended once it says that it listens. KES writes nothing when it opens.
func opens(kes, data string) error {
	// The kernel ends the child with the thread that started it: keep that thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	said := &watchedOutput{awaited: "Endpoints", seen: make(chan struct{})}
	command := exec.Command(kes, "server", "--addr", "127.0.0.1:0", data)
	command.Stdout, command.Stderr = said, said
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return fmt.Errorf("cannot start kes: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	limit := time.NewTimer(openingLimit)
	defer limit.Stop()
	select {
	case <-said.seen:
		_ = command.Process.Kill()
		<-ended
		return nil
	case <-ended:
		return fmt.Errorf("kes cannot open the data directory: %s", said.lastLine())
	case <-limit.C:
		_ = command.Process.Kill()
		<-ended
		return fmt.Errorf("kes did not open the data directory within %s: %s", openingLimit, said.lastLine())
	}
}

// watchedOutput collects what a program says and tells when a word was among it.
type watchedOutput struct {
	awaited string
	seen    chan struct{}

	lock sync.Mutex
	text bytes.Buffer
	told bool
}

func (o *watchedOutput) Write(piece []byte) (int, error) {
	o.lock.Lock()
	defer o.lock.Unlock()
	if o.text.Len() < 64*1024 {
		o.text.Write(piece)
	}
	if !o.told && strings.Contains(o.text.String(), o.awaited) {
		o.told = true
		close(o.seen)
	}
	return len(piece), nil
}

func (o *watchedOutput) lastLine() string {
	o.lock.Lock()
	defer o.lock.Unlock()
	lines := strings.Split(strings.TrimSpace(o.text.String()), "\n")
	return strings.TrimPrefix(lines[len(lines)-1], "Error: ")
}
