#!/usr/bin/env bash
# Runs the tests that need a browser's engine: tests/web.rs, compiled to wasm, in headless Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t found < <(scripts/find-browser.sh)
export CHROMEDRIVER="${found[1]}"
settings=$(mktemp -d)
trap 'rm -rf "$settings"' EXIT
cat > "$settings/webdriver.json" <<JSON
{ "goog:chromeOptions": { "binary": "${found[0]}", "args": [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"
] } }
JSON
# The runner looks for webdriver.json where it is started, which for cargo is the crate's folder.
cp "$settings/webdriver.json" webdriver.json
trap 'rm -rf "$settings" webdriver.json' EXIT
export WASM_BINDGEN_TEST_TIMEOUT=300
cargo test --release --target wasm32-unknown-unknown --test web
