// Command launcher runs a stateful KES (v0.22.3) in its container: it initialises the data directory once and never
// again, and it restarts KES in place, so that a restart costs MinIO a few tens of milliseconds instead of a pod's time.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

const usage = `launcher init  --config FILE --data DIR [--kes FILE]
launcher serve --data DIR [--restart-file FILE] [--kes FILE] [--grace DURATION] [-- FLAGS OF KES]`

var errUsage = errors.New(usage)

func main() {
	os.Exit(run(os.Args[1:], os.Stderr))
}

// run answers the exit code: 0 done, 1 refused or failed, 2 called wrongly, else what KES ended with.
func run(arguments []string, stderr io.Writer) int {
	log := newLogger(stderr, time.Now)
	if len(arguments) == 0 {
		fmt.Fprintln(stderr, usage)
		return 2
	}
	var code int
	var err error
	switch command, rest := arguments[0], arguments[1:]; command {
	case "init":
		err = runInit(rest, log)
	case "serve":
		code, err = runServe(rest, log)
	default:
		err = errUsage
	}
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprintln(stderr, usage)
		return 2
	case err != nil:
		log.event("error", err.Error())
		return 1
	}
	return code
}

func runInit(arguments []string, log logger) error {
	flags := newFlags("init")
	config := flags.String("config", "/etc/kes/init/init.yml", "")
	data := flags.String("data", "/data/kes", "")
	kes := flags.String("kes", "/kes", "")
	if flags.Parse(arguments) != nil || flags.NArg() != 0 {
		return errUsage
	}
	message, err := initialise(*data, *config, kesInit(*kes, *config))
	if err == nil {
		log.event("info", message)
	}
	return err
}

func runServe(arguments []string, log logger) (int, error) {
	flags := newFlags("serve")
	data := flags.String("data", "/data/kes", "")
	restartFile := flags.String("restart-file", "", "")
	kes := flags.String("kes", "/kes", "")
	grace := flags.Duration("grace", 8*time.Second, "")
	if flags.Parse(arguments) != nil {
		return 0, errUsage
	}
	if !isInitialised(*data) {
		return 0, fmt.Errorf("%s holds no initialised key server: run `launcher init` first", *data)
	}
	lock, err := lockVolume(*data, log)
	if err != nil {
		return 0, err
	}
	defer lock.Close()
	command := append([]string{*kes, "server"}, flags.Args()...)
	return newSupervisor(append(command, *data), *restartFile, *data, *grace, log).run()
}

func newFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}
