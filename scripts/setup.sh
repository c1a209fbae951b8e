#!/usr/bin/env bash
# Installs what building needs and is not there: the wasm target, Trunk, wasm-bindgen of the locked version, npm packages.
set -euo pipefail
cd "$(dirname "$0")/.."

need() {
  command -v "$1" >/dev/null 2>&1 || { echo "Assay needs $1: $2" >&2; exit 1; }
}
need cargo "install Rust from https://rustup.rs"
need node "install Node.js 20 or newer from https://nodejs.org"
need npm "it comes with Node.js from https://nodejs.org"

tools="$PWD/.tools"
export PATH="$tools/bin:$PATH"

# The tools are compiled plainly: what their own profiles ask for takes far longer to compile than it saves.
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1

# A lock file can name a version the package registry does not have yet; then the newest that fits is taken.
install_crate() {
  echo "Installing $1 $2 (once; this takes a few minutes)"
  cargo install --quiet --root "$tools" --version "$2" --locked "$1" || {
    echo "Installing $1 with the newest of its libraries that fit"
    cargo install --quiet --root "$tools" --version "$2" "$1"
  }
}

sysroot=$(rustc --print sysroot)
if [ ! -d "$sysroot/lib/rustlib/wasm32-unknown-unknown" ]; then
  need rustup "it manages the wasm32-unknown-unknown target; or install that target with your Rust"
  rustup target add wasm32-unknown-unknown
fi

trunk_version=0.21.14
[ "$(trunk --version 2>/dev/null || true)" = "trunk $trunk_version" ] || install_crate trunk "$trunk_version"

# wasm-bindgen's tool must be of exactly the version of the library.
bindgen_version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p;}' Cargo.lock)
[ "$(wasm-bindgen --version 2>/dev/null || true)" = "wasm-bindgen $bindgen_version" ] ||
  install_crate wasm-bindgen-cli "$bindgen_version"

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --silent --no-audit --no-fund
fi
