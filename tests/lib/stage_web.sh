# stage_web.sh - the workspace page in Chromium: its parts, people's stories, accessibility. Sourced by tests/run.
# shellcheck shell=bash

stage_web() {
  local file
  heading "web"
  for file in tests/web/*.mjs; do
    # lib*.mjs are parts of the others; screenshots.mjs makes pictures for the README and judges nothing
    case "$file" in */lib* | */screenshots.mjs) continue ;; esac
    run_one "web: $(basename "$file" .mjs)" 600 "build/web/$(basename "$file" .mjs).log" node "$file"
  done
}
