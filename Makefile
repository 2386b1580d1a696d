# make demo   the main job on real parts: a cluster, Helm, MinIO, an encrypted object (first time about 15 minutes, then one)
# make test   every tier of tests, set-up included (first time about 35 minutes, then sixteen)
# make verify what the editor should have said: generated files, types, lint, format, rooms, unused code

export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
.DEFAULT_GOAL := help
.PHONY: help demo test verify clean

help:
	@sed -n 's/^# //p' Makefile

demo: node_modules/.package-lock.json
	@node test/demo/demo.ts

test: node_modules/.package-lock.json
	@node scripts/test.ts

verify: node_modules/.package-lock.json
	@node scripts/verify.ts

node_modules/.package-lock.json: package-lock.json
	@echo "npm ci: packages, and the right Node with them (about 20 s)"
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

clean:
	rm -rf dist coverage node_modules
