package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The tests stand a shell in for KES and look at what it writes down, and at what the launcher logs.

type syncBuffer struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (b *syncBuffer) Write(text []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.Write(text)
}

func (b *syncBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.String()
}

type outcome struct {
	code int
	err  error
}

type rig struct {
	t       *testing.T
	log     *syncBuffer
	diary   string
	restart string
	ended   chan outcome
}

// supervise runs a shell script under a supervisor; $DIARY is a file that the script may write to.
func supervise(t *testing.T, script string, grace time.Duration) *rig {
	t.Helper()
	folder := t.TempDir()
	r := &rig{t: t, log: &syncBuffer{}, diary: filepath.Join(folder, "diary"), restart: filepath.Join(folder, "restart"), ended: make(chan outcome, 1)}
	write(t, r.diary, "")
	write(t, r.restart, "1")
	command := []string{"/bin/sh", "-c", strings.ReplaceAll(script, "$DIARY", r.diary), "kes"}
	s := newSupervisor(command, r.restart, folder, grace, newLogger(r.log, time.Now))
	go func() {
		code, err := s.run()
		r.ended <- outcome{code, err}
	}()
	return r
}

func (r *rig) eventually(what string, seen func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !seen(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("never seen: %s\n%s", what, r.log)
		}
	}
}

func (r *rig) lines() []string {
	content, err := os.ReadFile(r.diary)
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.Fields(string(content))
}

func (r *rig) eventuallyLines(count int) {
	r.t.Helper()
	r.eventually(fmt.Sprintf("%d lines", count), func() bool { return len(r.lines()) >= count })
}

func (r *rig) kill(signal syscall.Signal) {
	if err := syscall.Kill(os.Getpid(), signal); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) endsWith(code int) {
	r.t.Helper()
	select {
	case got := <-r.ended:
		if got.err != nil || got.code != code {
			r.t.Fatalf("ended with %d, %v; want %d", got.code, got.err, code)
		}
	case <-time.After(10 * time.Second):
		r.t.Fatalf("never ended\n%s", r.log)
	}
}

// heeding writes its pid down and ends cleanly on SIGTERM; a SIGHUP would be written down too.
const heeding = `trap 'echo hup >> $DIARY' HUP; trap 'exit 0' TERM; echo $$ >> $DIARY; while :; do sleep 0.02; done`

func TestSigtermEndsKesAndThenTheLauncher(t *testing.T) {
	r := supervise(t, heeding, time.Minute)
	r.eventuallyLines(1)
	r.kill(syscall.SIGTERM)
	r.endsWith(0)
}

func TestAKesThatIgnoresSigtermIsKilledAfterTheGrace(t *testing.T) {
	r := supervise(t, `trap '' TERM; echo $$ >> $DIARY; while :; do sleep 0.02; done`, 100*time.Millisecond)
	r.eventuallyLines(1)
	r.kill(syscall.SIGTERM)
	r.endsWith(128 + int(syscall.SIGKILL))
}

func TestAnotherGenerationInTheRestartFileStartsKesAgain(t *testing.T) {
	r := supervise(t, heeding, time.Minute)
	r.eventuallyLines(1)
	write(t, r.restart, "2")
	r.eventuallyLines(2)
	if pids := r.lines(); pids[0] == pids[1] {
		t.Fatalf("the same process: %v", pids)
	}
	r.kill(syscall.SIGTERM)
	r.endsWith(0)
}

func TestSighupRestartsKesAndNeverReachesIt(t *testing.T) {
	r := supervise(t, heeding, time.Minute)
	r.eventuallyLines(1)
	r.kill(syscall.SIGHUP)
	r.eventuallyLines(2)
	r.kill(syscall.SIGTERM)
	r.endsWith(0)
	if strings.Contains(strings.Join(r.lines(), " "), "hup") {
		t.Fatal("kes got a SIGHUP")
	}
}

func TestAKesThatEndsByItselfIsStartedAgainAtOnceAndThenLater(t *testing.T) {
	r := supervise(t, `echo $$ >> $DIARY; exit 7`, time.Minute)
	r.eventuallyLines(4)
	r.kill(syscall.SIGTERM)
	select {
	case <-r.ended:
	case <-time.After(10 * time.Second):
		t.Fatal("never ended")
	}
	log := r.log.String()
	for _, want := range []string{`"code":7`, `"delayMs":0`, `"delayMs":50`, `"delayMs":100`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
}

func TestOrphansThatTheLauncherInheritsAreReaped(t *testing.T) {
	// As PID 1 does, this process inherits what its descendants leave behind (prctl 36: PR_SET_CHILD_SUBREAPER).
	if _, _, failed := syscall.RawSyscall(syscall.SYS_PRCTL, 36, 1, 0); failed != 0 {
		t.Fatal(failed)
	}
	r := supervise(t, `( sleep 0.3 & echo $! >> $DIARY ); `+heeding, time.Minute)
	r.eventuallyLines(2)
	orphan := filepath.Join("/proc", r.lines()[0])
	if _, err := os.Stat(orphan); err != nil {
		t.Fatalf("the orphan is not there to begin with: %v", err)
	}
	r.eventually("the orphan gone from the process table", func() bool {
		_, err := os.Stat(orphan)
		return os.IsNotExist(err)
	})
	r.kill(syscall.SIGTERM)
	r.endsWith(0)
}

func TestAKesThatCannotBeStartedIsAnError(t *testing.T) {
	s := newSupervisor([]string{"/nonexistent/kes"}, "", t.TempDir(), time.Second, newLogger(&syncBuffer{}, time.Now))
	if code, err := s.run(); err == nil || code != 1 {
		t.Fatalf("%d, %v", code, err)
	}
}
