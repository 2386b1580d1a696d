module kes-injector.io/rig/kes-v0.22.3

go 1.26.0

require github.com/minio/kes v0.22.3
