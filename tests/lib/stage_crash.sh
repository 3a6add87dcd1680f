# stage_crash.sh - the real process, killed wherever it touches its store or its sockets (tests/crash/README.md).
# Sourced by tests/run. A seeded share of the points; all of them with crash_share=100.
# shellcheck shell=bash

stage_crash() {
  local share="${crash_share:-5}" limit_s=600
  [ "$share" = 100 ] && limit_s=3600
  heading "crash: the real process, $share % of the points"
  [ -x build/resetbot-crash ] || { printf 'none yet\n'; return; }
  run_one "crash: the real process" "$limit_s" build/crash.log node tests/crash/run.mjs --share "$share"
  grep '^listed ' build/crash.log
}
