package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

const (
	pollEvery = 200 * time.Millisecond
	// restartGrace bounds the gap of a restart in place. KES v0.22.3 ends within milliseconds of a SIGTERM.
	restartGrace = 2 * time.Second
)

// supervisor keeps one KES running: started again at once when it is asked for or when KES ends by itself.
//
// KES never gets a SIGHUP: v0.22.3 dies of it. A SIGHUP to the launcher restarts KES.
type supervisor struct {
	command []string
	file    restartFile
	flusher *directoryFlusher
	grace   time.Duration
	log     logger

	kes      child
	running  bool
	backoff  backoff
	stopping stopReason
	start    *time.Timer // fires when KES is to be started
	kill     *time.Timer // fires when KES has not heeded SIGTERM
}

type stopReason int

const (
	notStopping stopReason = iota
	toRestart
	toEnd
)

func newSupervisor(command []string, file, data string, grace time.Duration, log logger) *supervisor {
	return &supervisor{
		command: command,
		file:    restartFile{path: file},
		flusher: newDirectoryFlusher(data),
		grace:   grace,
		log:     log,
		start:   time.NewTimer(0),
		kill:    stoppedTimer(),
	}
}

// run returns when it was told to end (SIGTERM, SIGINT) and KES has ended, with KES's exit code; 0 after a clean end.
func (s *supervisor) run() (int, error) {
	// The kernel's parent-death signal follows the thread that started the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGCHLD)
	defer signal.Stop(signals)
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	s.file.changed() // the baseline

	for {
		select {
		case received := <-signals:
			switch received {
			case syscall.SIGCHLD:
				if code, done := s.reaped(); done {
					return code, nil
				}
			case syscall.SIGHUP:
				s.restart("asked by SIGHUP")
			default:
				if !s.running {
					return 0, nil
				}
				s.stop(toEnd, s.grace)
			}
		case <-tick.C:
			if s.file.changed() {
				s.restart("asked by the restart file")
			}
			if err := s.flusher.flushChanged(); err != nil {
				s.log.event("error", "cannot flush a directory of the volume", "error", err.Error())
			}
		case <-s.start.C:
			if err := s.startKes(); err != nil {
				return 1, err
			}
		case <-s.kill.C:
			s.log.event("warn", "kes did not end in time and is killed", "pid", s.kes.pid)
			s.kes.signal(syscall.SIGKILL)
		}
	}
}

func (s *supervisor) startKes() error {
	started, err := startChild(s.command, time.Now())
	if err != nil {
		return fmt.Errorf("cannot start kes: %w", err)
	}
	s.kes, s.running, s.stopping = started, true, notStopping
	s.log.event("info", "kes started", "pid", started.pid)
	return nil
}

// restart ends KES; reaped starts it again. Without a running KES a start is due anyhow: it is only made sooner.
func (s *supervisor) restart(why string) {
	if s.stopping == toEnd {
		return
	}
	s.log.event("info", "restarting kes", "why", why)
	if s.running {
		s.stop(toRestart, restartGrace)
	} else {
		s.start.Reset(0)
	}
}

func (s *supervisor) stop(reason stopReason, grace time.Duration) {
	if s.stopping == notStopping {
		s.kes.signal(syscall.SIGTERM)
		s.kill.Reset(grace)
	}
	s.stopping = max(s.stopping, reason)
}

// reaped handles ended children; done means that KES has ended for good.
func (s *supervisor) reaped() (code int, done bool) {
	status, ended := reap(s.kes.pid)
	if !ended || !s.running {
		return 0, false
	}
	s.running = false
	s.kill.Stop()
	code = exitCode(status)
	ranFor := time.Since(s.kes.started)
	switch s.stopping {
	case toEnd:
		s.log.event("info", "kes ended", "code", code)
		if code == 128+int(syscall.SIGTERM) {
			code = 0
		}
		return code, true
	case toRestart:
		s.start.Reset(0)
	default:
		delay := s.backoff.next(ranFor)
		s.log.event("error", "kes ended by itself and is started again",
			"code", code, "ranForMs", ranFor.Milliseconds(), "delayMs", delay.Milliseconds())
		s.start.Reset(delay)
	}
	return code, false
}

func stoppedTimer() *time.Timer {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return timer
}
