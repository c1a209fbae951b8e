#!/usr/bin/env bash
# Installs Chromium and its driver for the browser tests, where the system's package manager can.
set -euo pipefail
cd "$(dirname "$0")/.."

if scripts/find-browser.sh >/dev/null 2>&1; then exit 0; fi

if command -v apt-get >/dev/null 2>&1; then
  as_root=""
  [ "$(id -u)" = 0 ] || as_root="sudo"
  echo "Installing Chromium for the browser tests"
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq chromium chromium-driver >/dev/null
fi

scripts/find-browser.sh >/dev/null || {
  echo "The browser tests need Chromium and chromedriver: install both, or name them in CHROMIUM and CHROMEDRIVER" >&2
  exit 1
}
