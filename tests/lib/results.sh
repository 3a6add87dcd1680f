# results.sh - what tests/run knows of each test: one line "status<TAB>seconds<TAB>name" in a file. Sourced by tests/run.
# shellcheck shell=bash

excerpt_lines=40

heading() {
  printf '\n== %s\n' "$1"
}

results_open() {
  results=$1
  figures=${1%/*}/figures.txt
  : >"$results"
  : >"$figures"
  started=$SECONDS
}

# result STATUS SECONDS NAME [WHY]: STATUS is passed, failed or skipped.
result() {
  printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$results"
  case "$1" in
    failed) printf 'FAILED  %s%s\n' "$3" "${4:+: $4}" ;;
    skipped) printf 'skipped %s%s\n' "$3" "${4:+: $4}" ;;
  esac
}

count_of() {
  awk -F'\t' -v status="$1" '$1 == status' "$results" | wc -l
}

excerpt() {
  tail -n "$excerpt_lines" "$1" | sed 's/^/    | /'
}

now_s() {
  date +%s.%N
}

since_s() {
  awk -v from="$1" -v to="$(now_s)" 'BEGIN { printf "%.2f", to - from }'
}

# add_counts NAME SECONDS LOG PASSED FAILED SKIPPED: a program that counted for itself.
add_counts() {
  local name=$1 seconds=$2 passed=$4 failed=$5 skipped=$6 i
  for ((i = 1; i <= passed; i++)); do result passed "$([ "$i" = 1 ] && echo "$seconds" || echo 0)" "$name #$i"; done
  for ((i = 1; i <= failed; i++)); do result failed 0 "$name, failure $i of $failed"; done
  [ "$skipped" = 0 ] || printf 'skipped %s: %s tests\n' "$name" "$skipped"
  for ((i = 1; i <= skipped; i++)); do printf 'skipped\t0\t%s, skipped %s\n' "$name" "$i" >>"$results"; done
  [ "$failed" = 0 ] || excerpt "$3"
}

# keep_figures LOG: the lines in which a test says how much it looked at; shown again at the end.
keep_figures() {
  grep -hE '^(core|deadlines|deadlines in the core|power|scenarios|crash|torture|days|listed|resetbot|cards|[0-9]+ mutants)[:, ].*[0-9]' "$1" 2>/dev/null |
    grep -vE 'resetbot: (what|out of)|^resetbot  |BROKEN$' >>"$figures"
}

# run_one NAME TIMEOUT_S LOG COMMAND...: one test by its exit code (77: skipped), or, when its last line reads
# "N passed, N failed, N skipped", as many as it says. Returns the exit code.
run_one() {
  local name=$1 timeout_s=$2 log=$3 from status=0 seconds last
  shift 3
  mkdir -p "$(dirname "$log")"
  from=$(now_s)
  timeout --kill-after=15 "$timeout_s" "$@" >"$log" 2>&1 || status=$?
  seconds=$(since_s "$from")
  keep_figures "$log"
  last=$(tail -n 1 "$log" | sed -nE 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\1 \2 \4/p')
  if [ -n "$last" ] && [ "$status" -le 1 ]; then
    # shellcheck disable=SC2086 # three numbers
    set -- $last
    # a program that says "0 failed" and exits 1 did fail
    [ "$status" = 0 ] || [ "$2" != 0 ] || set -- "$1" 1 "${3-0}"
    add_counts "$name" "$seconds" "$log" "$1" "$2" "${3:-0}"
  elif [ "$status" = 0 ]; then
    result passed "$seconds" "$name"
  elif [ "$status" = 77 ]; then
    result skipped "$seconds" "$name" "$(tail -n 1 "$log")"
  elif [ "$status" = 124 ] || [ "$status" = 137 ]; then
    result failed "$seconds" "$name" "stopped after $timeout_s s"
    excerpt "$log"
  else
    result failed "$seconds" "$name" "exit code $status"
    excerpt "$log"
  fi
  return "$status"
}

# What the simulator and the tracer did for a promise: they check R1 to R6 at every point and in every day.
simulated() {
  case "$1" in R*) ;; *) return ;; esac
  sed -nE 's/^crash: .* points, ([0-9]+) played, seed ([0-9]+):.*/; \1 deaths (seed \2)/p
    s/^listed .* hit ([0-9]+),.* seed ([0-9]+),.*/; \1 real deaths (seed \2)/p
    s/^power: [0-9]+ scenarios, .* ([0-9]+) played, seed ([0-9]+):.*/; \1 power cuts (seed \2)/p
    s/^torture: .* ([0-9]+) played, seed ([0-9]+):.*/; \1 failing calls (seed \2)/p
    s/^days: ([0-9]+) .* seeds ([0-9]+ to [0-9]+):.*/; \1 days (seeds \2)/p' "$figures" | tr -d '\n'
}

# One line a promise: how many test cases bear its name, in all builds. Then what the large ones looked at.
print_promises() {
  local promise
  heading "promises: cases that bear the name, and small faults against it (tests/run --mutants tries them)"
  for promise in R1 R2 R3 R4 R5 R6 S1 S2 S3 S4 S5 S6 S7 A1 A2 A3 U1 U2 U3; do
    awk -F'\t' -v promise="$promise" '
      { name = $3; gsub(/[^A-Za-z0-9]+/, " ", name); name = " " name " " }
      name ~ "[ ]" promise "[ ]" || ($3 ~ /R1-R6/ && promise ~ /^R/) { n[$1]++ }
      END { printf "%s  %5d cases passed %s%s", promise, n["passed"], n["failed"] ? n["failed"] " FAILED " : "", n["skipped"] ? n["skipped"] " skipped " : "" }' "$results"
    printf ' %3d mutants%s\n' "$(grep -lE "^promise:.*\b$promise\b" tests/mutants/*.mutant | wc -l)" "$(simulated "$promise")"
  done
  [ -s "$figures" ] || return 0
  heading "what they looked at"
  sort -u "$figures" | cut -c1-260
}

# Prints the ten slowest and the counts, and exits.
results_close() {
  local passed failed skipped
  print_promises
  heading "the ten slowest"
  sort -t "$(printf '\t')" -k2,2nr "$results" | head -n 10 | awk -F'\t' '{ printf "%8.1f s  %s\n", $2, $3 }'
  passed=$(count_of passed)
  failed=$(count_of failed)
  skipped=$(count_of skipped)
  if [ "$failed" != 0 ]; then
    heading "failed"
    awk -F'\t' '$1 == "failed" { print "  " $3 }' "$results"
  fi
  printf '\n%s min %s s\n' "$(((SECONDS - started) / 60))" "$(((SECONDS - started) % 60))"
  # a run that tested nothing has proved nothing
  printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" = 0 ] && [ "$passed" != 0 ]
  exit
}
