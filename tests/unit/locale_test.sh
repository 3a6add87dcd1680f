#!/usr/bin/env bash
# locale_test.sh - languages, as tests. Usage: locale_test.sh current|unmarked|said|untranslated|fuzzy|obsolete|placeholders|syntax|stale
#
#   current   bot/locale holds every sentence of the sources, each translated into every language
#   unmarked  no sentence of core, engine and commands goes past the catalogue, and one that did is noticed
#   said      what the bot says in the tests of engine and wording has a Swedish translation, marked or not
#   the rest  in a copy of the sources, each with one fault: tests/locale/update --check says so
set -uo pipefail
export LC_ALL=C.UTF-8
cd "${RESETBOT_SOURCE:-$(dirname "${BASH_SOURCE[0]}")/../..}" || exit 1
here=$PWD

current() {
  RESETBOT_SOURCE=$here tests/locale/update --check
}

# Strings of the tree $1 that are sentences and no keys of its template.
bare_sentences() {
  local files
  mapfile -t files < <(find "$1/bot/core" "$1/bot/engine" "$1/commands" -name '*.c' 2>/dev/null | sort)
  xgettext --extract-all --language=C --from-code=UTF-8 --no-wrap --output=- "${files[@]}" 2>/dev/null | keys_of >"$work/all"
  keys_of <"$1/bot/locale/resetbot.pot" >"$work/marked"
  # logs, faults of ours, and what is typed or compared
  comm -23 "$work/all" "$work/marked" | grep -E '[A-Za-z]{2,}[^%]* [A-Za-z]{2,}' | grep -vE '^event=|^out of memory|^one step a change$' |
    grep -vE ' outgrew (its|their) buffer$|^(reset|devices) (adele|name)@|^shared ipad$|worker took no more work' |
    grep -v '^the store refused what Intune answered'
}

keys_of() {
  sed -n 's/^msgid "\(.*\)"$/\1/p' | sort -u
}

unmarked() {
  local found
  found=$(bare_sentences "$here")
  [ -z "$found" ] || { printf 'not marked: %s\n' "$found"; return 1; }
  small_tree
  mkdir -p "$work/bot/core"
  echo 'const char *bare = "Nobody marked this.";' >"$work/bot/core/bare.c"
  [ "$(bare_sentences "$work")" = "Nobody marked this." ] || { echo "not noticed"; return 1; }
}

said() {
  local program missing=$work/missing build=${RESETBOT_BUILD:-$here/build}
  : >"$missing"
  for program in "$build"/tests/engine_*_test "$build"/tests/{wording,forms}_test; do
    case "$program" in *_crash_test | *_limits_test) continue ;; esac # long, and they say nothing of their own
    [ -x "$program" ] || continue
    env -u CK_XML_LOG_FILE_NAME RESETBOT_UNTRANSLATED="$missing" "$program" >"$work/out" 2>&1 ||
      echo "${program##*/} fails: $(tail -n 1 "$work/out")"
  done
  # what only the tests say
  grep -vxE "An answer is missing\.|the reason\.|Intune did not answer in time\.|the device's owners changed since it was approved" \
    "$missing" | sort -u >"$work/said"
  sed 's/^/no translation: /' "$work/said"
  [ ! -s "$work/said" ]
}

# A small tree of one sentence, well translated.
small_tree() {
  mkdir -p "$work/bot/locale" "$work/commands" "$work/include"
  echo 'const char *const SAID[] = {RB_T("Hello {name}."), RB_T("Good.")};' >"$work/bot/said.c"
  printf 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n' >"$work/bot/locale/sv.po"
  RESETBOT_SOURCE=$work tests/locale/update 2>/dev/null
  sed -i -e '/^msgid "Hello/{n;s/.*/msgstr "Hej, {name}."/}' -e '/^msgid "Good/{n;s/.*/msgstr "Bra."/}' "$work/bot/locale/sv.po"
}

# The check of the small tree finds nothing before the fault, and says $1 after it.
notices() {
  local said
  said=$(RESETBOT_SOURCE=$work tests/locale/update --check 2>&1) && {
    echo "not noticed"
    return 1
  }
  case "$said" in *"$1"*) return 0 ;; esac
  echo "noticed, but said: $said"
  return 1
}

faulty() {
  local po=$work/bot/locale/sv.po
  RESETBOT_SOURCE=$work tests/locale/update --check || return 1
  case "$1" in
    untranslated) sed -i 's/^msgstr "Bra\."/msgstr ""/' "$po" && notices "1 sentences without a translation" ;;
    fuzzy) sed -i 's/^msgid "Good/#, fuzzy\n&/' "$po" && notices "to be looked at (fuzzy)" ;;
    obsolete) printf '\n#~ msgid "Bye."\n#~ msgstr "Hej då."\n' >>"$po" && notices "no longer says" ;;
    placeholders) sed -i 's/Hej, {name}/Hej, {namn}/' "$po" && notices "not the same {names}" ;;
    syntax) sed -i 's/^msgstr "Bra\."/msgstr "Bra./' "$po" && notices "sv.po" ;;
    stale) echo 'const char *const MORE = RB_T("More.");' >>"$work/bot/said.c" && notices "differs from the sources" ;;
  esac
}

case "${1-}" in
  current) current ;;
  said | unmarked)
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    "$1"
    ;;
  untranslated | fuzzy | obsolete | placeholders | syntax | stale)
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    small_tree
    faulty "$1"
    ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
