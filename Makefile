# make run    builds and starts everything with a demo, on any machine
# make test   checks everything and counts it

SHELL = /bin/sh
GO = .ci/go
export CGO_ENABLED ?= 0

version = $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
commit = $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)

.PHONY: run build test test-unit vet bench chaos fmt vendor screenshots

run: build
	@exec bin/portico up --demo

# The version is given here, so Go need not ask git, which refuses clones that belong to somebody else.
build:
	@$(GO) build -buildvcs=false -trimpath -ldflags '-X main.version=$(version) -X main.commit=$(commit)' -o bin/portico ./cmd/portico

test:
	@.ci/test

# Rules alone: no database, no queue, no browser.
test-unit:
	@$(GO) run .ci/report.go -short -timeout 2m ./...

vet:
	@$(GO) vet ./...
	@$(GO) tool staticcheck ./...

bench:
	@$(GO) test -run '^$$' -bench . -benchmem -p 1 -timeout 30m ./...

# Payments while everything is killed again and again; a naive way to take them has to fail. Some minutes, two free cores.
chaos:
	@$(GO) test -tags chaos -count=1 -timeout 15m -run '^(TestChaos|TestTheNaiveWayFails)$$' -v ./modules/billing

fmt:
	@$(GO) run mvdan.cc/gofumpt@v0.10.0 -l -w .
	@$(GO) run golang.org/x/tools/cmd/goimports@v0.51.0 -l -w -local portico .

# The copies of other people's scripts, styles and icons in views/; they are committed, so only changing them needs node.
vendor:
	@cd views/vendor && npm ci --ignore-scripts && node vendor.mjs

# Pictures for docs/, drawn by tests named TestScreenshots behind the build tag screenshots.
screenshots:
	@.ci/browser
	@PORTICO_SCREENSHOTS='$(CURDIR)/docs/screenshots' $(GO) test -tags screenshots -count=1 -run '^TestScreenshots$$' ./...
