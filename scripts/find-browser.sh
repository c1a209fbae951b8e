#!/usr/bin/env bash
# Prints the paths of Chromium and of its driver, one a line; fails when either is missing.
set -euo pipefail

find_one() {
  for name in "$@"; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then command -v "$name"; return; fi
  done
  return 1
}

find_one "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable
find_one "${CHROMEDRIVER:-}" chromedriver chromium-chromedriver
