module kes-injector.io/rig/pause

go 1.26.0
