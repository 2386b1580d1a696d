// Command etcd runs the etcd server; the module that holds it has no main package that builds outside its own tree.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
