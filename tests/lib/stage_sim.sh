# stage_sim.sh - the simulator (tests/sim): scenarios, a death at every point, power cuts, random days. Sourced by tests/run.
# shellcheck shell=bash disable=SC2154 # root and long are set by tests/run

# sim_one NAME TIMEOUT_S ARGUMENTS...: the last line of resetbot-sim says what was done.
sim_one() {
  local name=$1 timeout_s=$2 log
  log="build/sim/$(echo "$name" | tr ' ' _).log"
  shift 2
  excerpt_lines=10 run_one "sim: $name" "$timeout_s" "$log" build/resetbot-sim "$@"
  tail -n 1 "$log"
}

stage_sim() {
  heading "simulator"
  [ -x build/resetbot-sim ] || CC=gcc configure_and_build gcc build -DRESETBOT_SANITIZE=OFF -DRESETBOT_FUZZ=OFF || return
  sim_one "R1-R6 scenarios" 120 scenarios
  sim_one "R1 R2 death everywhere" 2400 crash --share "${RESETBOT_SIM_SHARE:-100}"
  # every sync of every story; of the long stories a share, in --long all
  # shellcheck disable=SC2046 # words
  sim_one "R1 R2 power lost" 5000 power $([ -n "$long" ] && echo --ways 5000 --cuts 6 --share 100 || echo --ways 500 --cuts 1 --share 25)
  # some 43,000 of them: a share, in --long all
  sim_one "R1 R2 every call fails" 7200 torture --share "${RESETBOT_SIM_SHARE:-$([ -n "$long" ] && echo 100 || echo 30)}"
  sim_one "R1-R6 days" 4000 days --seconds "${RESETBOT_SIM_SECONDS:-$([ -n "$long" ] && echo 3600 || echo 60)}"
}
