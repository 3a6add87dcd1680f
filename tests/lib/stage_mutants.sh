# stage_mutants.sh - two stages of tests/run: three small faults, another choice each time, and all of them. Sourced by it.
# shellcheck shell=bash

# run_mutants NAME TIMEOUT_S ARGUMENTS...: which were tried, and what caught each, is shown.
run_mutants() {
  local name=$1 timeout_s=$2
  shift 2
  excerpt_lines=0 run_one "$name" "$timeout_s" build/mutants.log ./tests/mutants/run "$@"
  grep -v ', 0 skipped$' build/mutants.log | sed 's/^/    | /'
}

stage_mutants() {
  heading "mutants: three of them"
  run_mutants mutants 600 --some 3 ${RESETBOT_SEED:+--seed "$RESETBOT_SEED"}
}

stage_all_mutants() {
  heading "mutants: all of them"
  run_mutants "all mutants" 3600
}
