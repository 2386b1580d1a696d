// Command pause does nothing until it is told to stop, and buries the processes that it inherits meanwhile.
// It is the first process of the rig's node and of every pod on it.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for {
		bury()
		if received := <-signals; received != syscall.SIGCHLD {
			os.Exit(0)
		}
	}
}

func bury() {
	for {
		if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
			return
		}
	}
}
