# stages.sh - the stages of tests/run. Sourced by it, after results.sh.
# shellcheck shell=bash disable=SC2154 # root and excerpt_lines are set by those two

test_timeout_s=120
program_timeout_s=600
gap_timeout_s=1800 # four minutes, and once more what a busy machine spoilt
fuzz_seconds="${RESETBOT_FUZZ_SECONDS:-20}"

# ---- building and ctest -----------------------------------------------------------------------------------------

# configure_and_build NAME FOLDER CMAKE_ARGUMENTS...
configure_and_build() {
  local name=$1 folder=$2 generator=()
  shift 2
  mkdir -p "$folder"
  # a tree keeps the generator it was made with
  [ -f "$folder/CMakeCache.txt" ] || generator=(-G Ninja)
  command -v ccache >/dev/null && set -- "$@" -DCMAKE_C_COMPILER_LAUNCHER=ccache
  run_one "$name: configure" 300 "$folder/configure.log" cmake -S . -B "$folder" "${generator[@]}" -DRESETBOT_WERROR=ON "$@" || return 1
  # keep going, so that one broken program does not hide the others' tests
  excerpt_lines=0 run_one "$name: build" 1800 "$folder/build.log" cmake --build "$folder" -j "$(nproc)" -- -k "$(keep_going_of "$folder")" || {
    grep -E 'error:|undefined reference|warning:|No space' "$folder/build.log" | head -n 20 | sed 's/^/    | /'
    return 1
  }
}

# Ninja's -k takes a number, make's none.
keep_going_of() {
  [ -f "$1/build.ninja" ] && echo 0
}

show_failure() {
  local name=$1 log=$2
  # the part of ctest's own log that is about this program
  awk -v name="$name" '
    $0 ~ "^[0-9]+/[0-9]+ Test: " name "$" { on = 1 }
    on && /^<end of output>/ { exit }
    on { print }' "$log" | grep -vE '^(Command:|Directory:|"|-+$|Output:|$)' | tail -n "$excerpt_lines" | sed 's/^/    | /'
}

# run_ctest LABEL FOLDER [CTEST_ARGUMENTS...]: each Check case is a test of its own.
run_ctest() {
  local label=$1 folder=$2 status seconds name why program shown=" "
  shift 2
  rm -f "$folder"/tests/*.xml "$folder/junit.xml"
  ctest --test-dir "$folder" -j "$(nproc)" --timeout "$test_timeout_s" --output-junit junit.xml "$@" >"$folder/ctest.log" 2>&1
  if ! [ -s "$folder/junit.xml" ]; then
    result failed 0 "$label: ctest" "it left no results"
    excerpt "$folder/ctest.log"
    return
  fi
  awk -v label="$label" -v folder="$folder/tests" -f tests/lib/ctest_results.awk "$folder/junit.xml" >"$folder/cases.tsv"
  while IFS=$'\t' read -r status seconds name why; do
    result "$status" "$seconds" "$name" "$why"
    program=${name#*: }
    program=${program%%/*}
    [ "$status" = failed ] || continue
    case "$shown" in *" $program "*) continue ;; esac
    shown="$shown$program "
    show_failure "$program" "$folder/Testing/Temporary/LastTest.log"
  done <"$folder/cases.tsv"
  awk -F'\t' '{ n[$1]++ } END { printf "%d passed, %d failed, %d skipped by ctest\n", n["passed"], n["failed"], n["skipped"] }' "$folder/cases.tsv"
}

stage_gcc() {
  heading "gcc: build and test"
  CC=gcc configure_and_build gcc build -DRESETBOT_SANITIZE=OFF -DRESETBOT_FUZZ=OFF
  run_ctest gcc build
  keep_figures build/Testing/Temporary/LastTest.log
}

stage_asan() {
  heading "clang with ASan and UBSan: build and test"
  CC=clang-14 configure_and_build asan build-asan -DRESETBOT_SANITIZE=ON
  run_ctest asan build-asan -LE tree
  [ -x build-asan/resetbot-sim ] || return
  run_one "asan: sim scenarios" 300 build-asan/sim_scenarios.log build-asan/resetbot-sim scenarios
  run_one "asan: sim days" 300 build-asan/sim_days.log build-asan/resetbot-sim days --seconds 15
  run_one "asan: sim, calls fail" 600 build-asan/sim_torture.log build-asan/resetbot-sim torture --share 2
}

# ---- programs ---------------------------------------------------------------------------------------------------

# Node programs: exit code 0, 1, or 77 for skipped.
stage_node() {
  local file limit_s found=
  heading "node"
  for file in tests/node/*.mjs; do
    # lib*.mjs are parts of the others
    case "$file" in *'*'* | */lib*) continue ;; esac
    found=yes
    limit_s=$program_timeout_s
    [ "${file##*/}" != gap.mjs ] || limit_s=$gap_timeout_s
    run_one "node: $(basename "$file" .mjs)" "$limit_s" "build/node/$(basename "$file" .mjs).log" node "$file"
  done
  [ -n "$found" ] || printf 'none yet\n'
}

# As a person starts it: with its own setup and build.
stage_demo() {
  heading "demo"
  [ -x bot/demo ] || { printf 'none yet\n'; return; }
  run_one "demo --once" "$program_timeout_s" build/demo.log env -u RESETBOT_BUILD ./bot/demo --once
}

# The demo's stories again, from a folder whose resetbot-test is the real one under valgrind. LD_BIND_NOW keeps the bot from
# starting itself anew (bot/run.c), out of valgrind's sight. At SIGTERM it must have freed all that it allocated.
stage_valgrind() {
  local folder="$root/build/valgrind" name="valgrind: no faulty access, no leak" log found=
  heading "valgrind"
  [ -x bot/demo ] && [ -x build/resetbot-test ] || { printf 'none yet\n'; return; }
  rm -rf "$folder"
  mkdir -p "$folder"
  ln -s ../resetbot-sandbox "$folder/resetbot-sandbox"
  printf '#!/bin/sh\nLD_BIND_NOW=1 exec valgrind --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all --suppressions=%s --log-file=%s %s "$@"\n' \
    "$root/tests/support/valgrind.supp" "$folder/%p.log" "$root/build/resetbot-test" >"$folder/resetbot-test"
  chmod +x "$folder/resetbot-test"
  RESETBOT_BUILD=$folder run_one "valgrind: demo --once" 1200 build/valgrind.log ./bot/demo --once
  for log in "$folder"/*.log; do
    # a log without its last line is of a bot that was killed
    grep -q 'ERROR SUMMARY: 0 errors' "$log" && { found=yes; continue; }
    result failed 0 "$name" "see ${log#"$root/"}"
    excerpt "$log"
    return
  done
  if [ -n "$found" ]; then
    result passed 0 "$name"
  else
    result failed 0 "$name" "valgrind did not run"
  fi
}

# ---- fuzzing ----------------------------------------------------------------------------------------------------

# Inputs of ours lie in tests/fuzz/corpus/NAME. Files of the contracts join for the run: each line of
# tests/fuzz/NAME.seeds is a pattern below $RESETBOT_CONTRACTS.
fuzz_one() {
  local target=$1 name corpus seeds pattern file args=()
  name=$(basename "$target")
  corpus="build-fuzz/corpus/$name"
  seeds="build-fuzz/seeds/$name"
  rm -rf "$seeds"
  mkdir -p "$corpus" "$seeds" build-fuzz/logs
  if [ -f "tests/fuzz/$name.seeds" ] && [ -d "$RESETBOT_CONTRACTS" ]; then
    while IFS= read -r pattern; do
      case "$pattern" in '' | '#'*) continue ;; esac
      # shellcheck disable=SC2086 # a pattern
      for file in "$RESETBOT_CONTRACTS"/$pattern; do
        [ -f "$file" ] && cp "$file" "$seeds/$(echo "${file#"$RESETBOT_CONTRACTS"/}" | tr / _)"
      done
    done <"tests/fuzz/$name.seeds"
  fi
  [ -f "tests/fuzz/$name.dict" ] && args+=("-dict=tests/fuzz/$name.dict")
  [ -d "tests/fuzz/corpus/$name" ] && args+=("tests/fuzz/corpus/$name")
  timeout --kill-after=15 $((fuzz_seconds + 120)) "$target" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="build-fuzz/$name-" "$corpus" "$seeds" "${args[@]}" >"build-fuzz/logs/$name.log" 2>&1
}

stage_fuzz() {
  local target name pids=() names=() status i
  heading "fuzz, $fuzz_seconds s a target"
  ls tests/fuzz/*.c >/dev/null 2>&1 || { printf 'none yet\n'; return; }
  CC=clang-14 configure_and_build fuzz build-fuzz -DRESETBOT_FUZZ=ON -DRESETBOT_SANITIZE=ON
  for target in tests/fuzz/*.c; do
    name=$(basename "$target" .c)
    if ! [ -x "build-fuzz/fuzz/$name" ]; then
      # parts that several targets share have no entry point of their own
      grep -q LLVMFuzzerTestOneInput "$target" && result failed 0 "fuzz: $name" "it was not built"
      continue
    fi
    fuzz_one "build-fuzz/fuzz/$name" &
    pids+=($!)
    names+=("$name")
    # as many at a time as there are processors
    [ "${#pids[@]}" -lt "$(nproc)" ] || { fuzz_reap "${pids[0]}" "${names[0]}"; pids=("${pids[@]:1}"); names=("${names[@]:1}"); }
  done
  for i in "${!pids[@]}"; do fuzz_reap "${pids[$i]}" "${names[$i]}"; done
}

fuzz_reap() {
  local status=0 log="build-fuzz/logs/$2.log" runs
  wait "$1" || status=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if [ "$status" = 0 ] && [ "${runs:-0}" -gt 100 ]; then
    result passed "$fuzz_seconds" "fuzz: $2"
    printf 'fuzz: %s: %s runs\n' "$2" "$runs"
  else
    result failed "$fuzz_seconds" "fuzz: $2" "exit code $status after ${runs:-no} runs; the input is in build-fuzz/$2-*"
    excerpt "$log"
  fi
}

# ---- --long -----------------------------------------------------------------------------------------------------

stage_tsan() {
  heading "clang with TSan: build and test"
  CC=clang-14 configure_and_build tsan build-tsan "-DCMAKE_C_FLAGS=-fsanitize=thread" "-DCMAKE_EXE_LINKER_FLAGS=-fsanitize=thread"
  run_ctest tsan build-tsan -LE tree
}

# What it says about our program counts; tests and the sandbox may end where memory does. Left out are the checks that
# cannot see that rb_fail returns the error it is given or that an assert has ruled a case out, and the one for leaks,
# which gcc 12 loses track of in lists and growing arrays: the ASan stage finds leaks.
stage_analyzer() {
  heading "gcc -fanalyzer"
  run_one "analyzer: configure" 300 build-analyzer/configure.log cmake -S . -B build-analyzer -DCMAKE_C_COMPILER=gcc \
    "-DCMAKE_C_FLAGS=-fanalyzer -Wno-analyzer-use-of-uninitialized-value -Wno-analyzer-null-dereference -Wno-analyzer-malloc-leak" || return
  run_one "analyzer: build" 1800 build-analyzer/build.log cmake --build build-analyzer -j "$(nproc)" --target resetbot --clean-first
  if grep -E '(bot|commands)/.*warning: .*-Wanalyzer' build-analyzer/build.log >build-analyzer/warnings; then
    result failed 0 "analyzer: no warning" "$(wc -l <build-analyzer/warnings) in build-analyzer/warnings"
    head -n "$excerpt_lines" build-analyzer/warnings | sed 's/^/    | /'
  else
    result passed 0 "analyzer: no warning"
  fi
}

# Control flow integrity needs the whole program at once. clang 14 builds wrong jump tables when it is combined with
# -fcf-protection (each indirect call traps), so that one is said to be unsupported here.
stage_cfi() {
  heading "clang with CFI: build and test"
  CC=clang-14 configure_and_build cfi build-cfi -DCMAKE_AR="$(command -v llvm-ar-14)" -DCMAKE_RANLIB="$(command -v llvm-ranlib-14)" \
    -DHAVE__fcf_protection_full=OFF \
    "-DCMAKE_C_FLAGS=-flto=thin -fvisibility=hidden -fsanitize=cfi -fsanitize-ignorelist=$root/tests/lib/cfi_ignore.txt" \
    "-DCMAKE_EXE_LINKER_FLAGS=-flto=thin -fuse-ld=lld-14 -fsanitize=cfi"
  run_ctest cfi build-cfi -LE tree
}

project_sources() {
  git ls-files 'bot/*.c' 'commands/*.c' "$@"
}

stage_tidy() {
  local file
  heading "clang-tidy"
  CC=clang-14 configure_and_build tidy build-asan -DRESETBOT_SANITIZE=ON
  for file in $(project_sources); do
    run_one "tidy: $file" 300 "build/tidy/$file.log" clang-tidy-14 --quiet --warnings-as-errors='*' -p build-asan "$file"
  done
}

stage_format() {
  local file
  heading "clang-format"
  for file in $(project_sources '*.h' 'tests/*.c'); do
    run_one "format: $file" 60 "build/format/$file.log" clang-format-14 --dry-run -Werror "$file"
  done
}
