#!/usr/bin/env bash
# layers_test.sh - the shape of the source tree, as tests. Usage: layers_test.sh includes|libraries|headers|purity|size
#
#   includes   each folder includes only the layers above it
#   libraries  a library's header is included only by the adapter that owns it, and never by a contract
#   headers    each header compiles alone
#   purity     the core reaches no clock, file, allocation or randomness
#   size       no source file exceeds 700 lines
set -uo pipefail
cd "${RESETBOT_SOURCE:-$(dirname "${BASH_SOURCE[0]}")/../..}" || exit 1

# Which layer each contract in include/resetbot belongs to. A new header needs a place here.
words=" err limits str text clock random log secret mac catalogue message "
core=" person delivery device policy request bind grammar wording "
ports=" chat_port device_port store_port executor io loop "
engine=" engine task command "

# What each folder may include: layers of contracts, and folders. Its own folder is always allowed.
allowed_of() {
  case "$1" in
    words) echo "words" ;;
    core) echo "words core" ;;
    ports) echo "words core ports" ;;
    engine) echo "words core ports engine" ;;
    bot/util) echo "words" ;;
    bot/core) echo "words core bot/util" ;;
    bot/engine | commands) echo "words core ports engine bot/util bot/core bot/engine commands" ;;
    bot/net | bot/store | bot/config | bot/locale) echo "words core ports bot/util bot/core" ;;
    bot/chat | bot/device) echo "words core ports bot/util bot/core bot/net" ;;
    bot) echo "words core ports engine bot/util bot/core bot/engine commands bot/net bot/store bot/config bot/locale bot/chat bot/device" ;;
    tests/sandbox) echo "words bot/util" ;;
    *) return 1 ;;
  esac
}

faults=0
fault() {
  printf '%s\n' "$*"
  faults=$((faults + 1))
}

sources() {
  find bot commands include tests -name node_modules -prune -o -name 'build*' -prune -o -type f "$@" -print 2>/dev/null | sort
}

layer_of_contract() {
  local name=${1##*/}
  name=${name%.h}
  case "$words" in *" $name "*) echo words && return ;; esac
  case "$core" in *" $name "*) echo core && return ;; esac
  case "$ports" in *" $name "*) echo ports && return ;; esac
  case "$engine" in *" $name "*) echo engine && return ;; esac
  echo unknown
}

# The layer of a source file: its folder, or the layer of a contract.
layer_of_file() {
  case "$1" in
    include/resetbot/*) layer_of_contract "$1" ;;
    *) echo "${1%/*}" ;;
  esac
}

# The layer that `#include "$2"` in a file of folder $1 reaches.
layer_of_include() {
  case "$2" in
    *..*) echo outside ;;
    resetbot/*) layer_of_contract "$2" ;;
    commands/*) echo commands ;;
    */*) echo "bot/${2%/*}" ;;
    *) echo "$1" ;;
  esac
}

# ---- includes ---------------------------------------------------------------------------------------------------

check_include() {
  local file=$1 line=$2 header=$3 folder=${1%/*} from to allowed
  from=$(layer_of_file "$file")
  to=$(layer_of_include "$folder" "$header")
  [ "$from" = unknown ] && return # said once, below
  allowed=$(allowed_of "$from") || {
    fault "$file: no layer is known for its folder: give it one in tests/unit/layers_test.sh"
    return
  }
  [ "$to" = "$folder" ] && return
  case " $allowed " in *" $to "*) return ;; esac
  fault "$file:$line: $from may not include \"$header\" ($to); it may include: $allowed"
}

includes() {
  local header file line seen=0
  for header in include/resetbot/*.h; do
    [ "$(layer_of_contract "$header")" != unknown ] || fault "$header: give it a layer in tests/unit/layers_test.sh"
  done
  while IFS=: read -r file line header; do
    check_include "$file" "$line" "$header"
    seen=$((seen + 1))
  done < <(find include bot commands tests/sandbox -name '*.[ch]' -exec \
    grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' {} + 2>/dev/null | sed -E 's/^([^:]*:[0-9]+):[^"]*"([^"]*)".*/\1:\2/')
  [ "$seen" -gt 100 ] || fault "only $seen includes were seen: this test looks past the sources"
}

# ---- libraries --------------------------------------------------------------------------------------------------

# library header pattern -> the folders that own it
owners_of() {
  case "$1" in
    libwebsockets.h | curl/* | openssl/*) echo "bot/net tests/sandbox tests/bench" ;;
    json-c/*) echo "bot/chat bot/device bot/store bot/net tests/sandbox tests/bench" ;;
    sqlite3.h) echo "bot/store" ;;
    yaml.h) echo "bot/config" ;;
    systemd/*) echo "bot" ;;
    libintl.h | locale.h) echo "bot/locale" ;;
    *) echo any ;;
  esac
}

libraries() {
  local file line header owners
  while IFS=: read -r file line header; do
    owners=$(owners_of "$header")
    [ "$owners" = any ] && continue
    case "$file:$header" in bot/util/mac.c:openssl/*) continue ;; esac
    case " $owners " in *" ${file%/*} "*) continue ;; esac
    fault "$file:$line: <$header> belongs to: $owners"
  done < <(find include bot commands tests/sandbox -name '*.[ch]' -exec \
    grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*<' {} + 2>/dev/null | sed -E 's/^([^:]*:[0-9]+):[^<]*<([^>]*)>.*/\1:\2/')
  while IFS= read -r line; do
    fault "$line: a contract mentions no library type"
  done < <(grep -nHE '\b(struct lws|lws_[a-z]+|CURLM?\b|curl_[a-z]+|json_object|sqlite3|PGconn|yaml_[a-z]+|EVP_[A-Z]+|SSL_CTX|sd_[a-z]+)' \
    include/resetbot/*.h | grep -vE ':[[:space:]]*(/?\*|//)' || true)
}

# ---- headers ----------------------------------------------------------------------------------------------------

compiles_alone() {
  local header=$1 as=$2 out
  shift 2
  out=$(printf '#include "%s"\n' "$as" | "${CC:-cc}" -std=c17 -Wall -Wextra -Werror -fsyntax-only -x c "$@" - 2>&1) ||
    fault "$header does not compile alone: $(printf '%s\n' "$out" | grep -m1 error)"
}

headers() {
  local header libraries
  # shellcheck disable=SC2207
  libraries=($(pkg-config --cflags libwebsockets libcurl json-c libcrypto sqlite3 yaml-0.1 2>/dev/null))
  for header in include/resetbot/*.h; do
    compiles_alone "$header" "${header#include/}" -Iinclude
  done
  for header in $(sources -name '*.h' | grep -v '^include/'); do
    compiles_alone "$header" "$header" -D_GNU_SOURCE -I. -Iinclude -Ibot -Itests "-I$(dirname "$header")" "${libraries[@]}"
  done
}

# ---- purity -----------------------------------------------------------------------------------------------------

impure_headers='<(time|unistd|fcntl|pthread|signal|poll|errno|sys/[a-z]+|netinet/[a-z]+)\.h>|"resetbot/(log|secret)\.h"'
impure_calls='malloc|calloc|realloc|free|time|clock_gettime|gettimeofday|getrandom|rand|random|getenv|open|fopen|read|write|printf|fprintf|puts|fputs|rb_log|rb_clock_system|rb_random_system'

purity() {
  local line library=${RESETBOT_BUILD:-build}/librb_core.a
  while IFS= read -r line; do
    fault "$line: the core is pure"
  done < <(grep -nHE "^[[:space:]]*#[[:space:]]*include[[:space:]]*($impure_headers)" bot/core/*.[ch] || true)
  [ -f "$library" ] && command -v nm >/dev/null || return 0
  while IFS= read -r line; do
    fault "the core calls $line: it is pure"
  done < <(nm -u "$library" 2>/dev/null | awk '{print $2}' | sed 's/@.*//' | sort -u | grep -xE "$impure_calls" || true)
}

# ---- size -------------------------------------------------------------------------------------------------------

size() {
  local file lines
  for file in $(sources \( -name '*.[ch]' -o -name '*.js' -o -name '*.mjs' -o -name '*.sh' -o -name '*.css' \)); do
    lines=$(wc -l <"$file")
    [ "$lines" -le 700 ] || fault "$file has $lines lines: more than 700 are two things"
  done
}

case "${1-}" in
  includes | libraries | headers | purity | size) "$1" ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
[ "$faults" = 0 ] || { printf '%s faults\n' "$faults"; exit 1; }
