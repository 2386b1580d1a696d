module kes-injector.io/rig/kes-v0.24.0

go 1.26.0

require github.com/minio/kes v0.24.0
