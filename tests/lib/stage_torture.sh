# stage_torture.sh - every call fails, in a program that stops at undefined behaviour; ASan cannot be asked for that, since it
# keeps an allocator of its own. Sourced by tests/run, after stage_sim.sh.
# shellcheck shell=bash disable=SC2154 # root and long are set by tests/run

stage_torture() {
  local folder=build-ubsan generator=()
  heading "clang with UBSan alone: every call fails"
  mkdir -p "$folder"
  # a tree keeps the generator it was made with
  [ -f "$folder/CMakeCache.txt" ] || generator=(-G Ninja)
  command -v ccache >/dev/null && generator+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
  CC=clang-14 run_one "ubsan: configure" 300 "$folder/configure.log" cmake -S . -B "$folder" "${generator[@]}" -DRESETBOT_WERROR=ON -DRESETBOT_SANITIZE=UNDEFINED || return
  run_one "ubsan: build" 1800 "$folder/build.log" cmake --build "$folder" -j "$(nproc)" --target resetbot-sim || return
  excerpt_lines=10 run_one "ubsan: sim, R1 R2 every call fails" 3600 "$folder/sim_torture.log" "$folder/resetbot-sim" torture --share "$([ -n "$long" ] && echo 100 || echo 8)"
  tail -n 1 "$folder/sim_torture.log"
}
