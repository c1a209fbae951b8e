# Two commands: `make run` builds and serves, `make test` checks everything. Both install what is missing.

SHELL := /bin/bash
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: run build test setup setup-browser lint test-native test-wasm test-e2e bench sizes clean

## Build in release mode, serve on a free port and print the address.
run: build
	node scripts/serve.mjs dist

## The static site, in dist/.
build: setup
	npm run --silent echarts
	trunk build --release

## Everything a change must pass.
test: setup setup-browser lint test-native test-wasm build test-e2e

lint:
	cargo fmt --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --workspace --target wasm32-unknown-unknown --lib --bins --test web -- -D warnings

# Tests against reference values are skipped where those are not beside the project: how many is said at the end.
test-native:
	@skipped=$$(mktemp); \
	ASSAY_SKIPPED=$$skipped cargo test --workspace; status=$$?; \
	if [ -s $$skipped ]; then \
	  echo "$$(sed "s,: no shared.*,," $$skipped | sort -u | wc -l) tests were skipped, for want of reference values:"; \
	  sort -u $$skipped; \
	else echo "No test was skipped."; fi; \
	rm -f $$skipped; exit $$status

test-wasm:
	scripts/wasm-test.sh

test-e2e:
	node --test --test-concurrency=1 tests/e2e/

## Figures: native and in the browser. Needs a build.
bench: build setup-browser
	cargo bench --bench way
	cargo bench --bench reader
	node benches/browser.mjs
	node benches/reader.mjs

## What a first visit downloads, compressed.
sizes:
	node scripts/sizes.mjs dist

setup:
	@scripts/setup.sh

setup-browser:
	@scripts/setup-browser.sh

clean:
	rm -rf dist target node_modules .tools public/vendor
