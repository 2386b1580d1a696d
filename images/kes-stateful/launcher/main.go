// Command launcher runs a stateful KES (v0.22.3) in its container: it initialises the data directory once and never
// again, takes over one that was made by hand, and restarts KES in place, so that a restart costs MinIO a few tens of
// milliseconds instead of a pod's time.
// The image has no shell, so it also carries the data directory out for a backup and in for a restore.
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
launcher adopt --data DIR --address HOST:PORT --key FILE --cert FILE [--kes FILE]
launcher serve --data DIR [--restart-file FILE] [--kes FILE] [--grace DURATION] [-- FLAGS OF KES]
launcher export --data DIR                   writes a tar archive to standard output
launcher import --data DIR --sha256 HEX      reads one from standard input; DIR must not exist`

var errUsage = errors.New(usage)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run answers the exit code: 0 done, 1 refused or failed, 2 called wrongly, 3 nothing imported because there is a data
// directory, else what KES ended with.
func run(arguments []string, stdin io.Reader, stdout, stderr io.Writer) int {
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
	case "adopt":
		err = runAdopt(rest, log)
	case "serve":
		code, err = runServe(rest, log)
	case "export":
		err = runExport(rest, stdout, log)
	case "import":
		err = runImport(rest, stdin, log)
	default:
		err = errUsage
	}
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprintln(stderr, usage)
		return 2
	case errors.Is(err, errDataExists):
		log.event("error", err.Error())
		return 3
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
	if err := isStateful(*kes); err != nil {
		return err
	}
	message, err := initialise(*data, *config, kesInit(*kes, *config))
	if err == nil {
		log.event("info", message)
	}
	return err
}

func runAdopt(arguments []string, log logger) error {
	flags := newFlags("adopt")
	data := flags.String("data", "/data/kes", "")
	address := flags.String("address", "0.0.0.0:7373", "")
	key := flags.String("key", "", "")
	certificate := flags.String("cert", "", "")
	kes := flags.String("kes", "/kes", "")
	if flags.Parse(arguments) != nil || flags.NArg() != 0 || *key == "" || *certificate == "" {
		return errUsage
	}
	if err := isStateful(*kes); err != nil {
		return err
	}
	message, err := adopt(*data, home{address: *address, key: *key, certificate: *certificate})
	if err != nil {
		return err
	}
	log.event("info", message)
	if err := provideUnsealKey(*data); err != nil {
		return err
	}
	return opens(*kes, *data)
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
	if err := isStateful(*kes); err != nil {
		return 0, err
	}
	if err := provideUnsealKey(*data); err != nil {
		return 0, err
	}
	lock, err := lockVolume(*data, log)
	if err != nil {
		return 0, err
	}
	defer lock.Close()
	command := append([]string{*kes, "server"}, flags.Args()...)
	return newSupervisor(append(command, *data), *restartFile, *data, *grace, log).run()
}

func runExport(arguments []string, stdout io.Writer, log logger) error {
	flags := newFlags("export")
	data := flags.String("data", "/data/kes", "")
	if flags.Parse(arguments) != nil || flags.NArg() != 0 {
		return errUsage
	}
	files, digest, err := exportTree(*data, stdout)
	if err == nil {
		log.event("info", "data directory exported", "files", files, "sha256", digest)
	}
	return err
}

func runImport(arguments []string, stdin io.Reader, log logger) error {
	flags := newFlags("import")
	data := flags.String("data", "/data/kes", "")
	digest := flags.String("sha256", "", "")
	if flags.Parse(arguments) != nil || flags.NArg() != 0 || *digest == "" {
		return errUsage
	}
	files, err := importTree(*data, stdin, *digest)
	if err == nil {
		log.event("info", "data directory imported", "files", files)
	}
	return err
}

func newFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}
