package main

import (
	"os"
	"syscall"
	"time"
)

// child is one run of KES.
type child struct {
	pid     int
	started time.Time
}

// startChild starts KES in a process group of its own, so that a terminal's signals reach it only through the launcher.
// KES ends with the launcher, whatever ends that: an orphan would go on serving. The caller keeps its thread locked.
func startChild(command []string, now time.Time) (child, error) {
	process, err := os.StartProcess(command[0], command, &os.ProcAttr{
		Env:   os.Environ(),
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
		Sys:   &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		return child{}, err
	}
	started := child{pid: process.Pid, started: now}
	// Every child is reaped by reap below; os must not wait for this one as well.
	return started, process.Release()
}

func (c child) signal(signal syscall.Signal) {
	_ = syscall.Kill(c.pid, signal)
}

// reap collects every child that has ended, those that PID 1 inherited included, and answers the status of the wanted one.
func reap(wanted int) (status syscall.WaitStatus, ended bool) {
	for {
		var found syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &found, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return status, ended
		}
		if pid == wanted {
			status, ended = found, true
		}
	}
}

// exitCode is what a shell would say: the status itself, or 128 and the signal.
func exitCode(status syscall.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}
