# ctest_results.awk - the single tests of one ctest run, as "status<TAB>seconds<TAB>name<TAB>why" lines.
# Usage: awk -v label=gcc -v folder=build/tests -f ctest_results.awk junit.xml
# A Check program left its cases in folder/NAME.xml; other programs count as one test. Lines of a program's output that
# begin with "skipped" are tests of it that did not run, although Check calls them passed.

function attribute(line, name,    rest) {
  if (!match(line, "[ \t]" name "=\""))
    return ""
  rest = substr(line, RSTART + RLENGTH)
  return substr(rest, 1, index(rest, "\"") - 1)
}

function element(line, name,    from, to) {
  from = index(line, "<" name ">")
  to = index(line, "</" name ">")
  return from && to ? substr(line, from + length(name) + 2, to - from - length(name) - 2) : ""
}

function plain(text) {
  gsub(/&apos;/, "'", text)
  gsub(/&quot;/, "\"", text)
  gsub(/&lt;/, "<", text)
  gsub(/&gt;/, ">", text)
  gsub(/&amp;/, "\\&", text)
  return text
}

function add(status, seconds, name, why) {
  rows++
  row_status[rows] = status
  row_seconds[rows] = seconds < 0 ? 0 : seconds
  row_name[rows] = name
  row_why[rows] = plain(why)
}

# Reads the cases of one Check program.
function add_cases(program,    file, line, status, id, seconds, message) {
  file = folder "/" program ".xml"
  while ((getline line < file) > 0) {
    if (line ~ /<test result=/)
      status = attribute(line, "result") == "success" ? "passed" : "failed"
    if (line ~ /<id>/)
      id = element(line, "id")
    if (line ~ /<duration>/)
      seconds = element(line, "duration")
    if (line ~ /<message>/)
      message = element(line, "message")
    if (line ~ /<\/test>/)
      add(status, seconds, program "/" id, status == "passed" ? "" : message)
  }
  close(file)
}

function count_rows(status,    i, count) {
  for (i = 1; i <= rows; i++)
    count += row_status[i] == status
  return count
}

# A case that skips returns at once: the quickest that passed is the likeliest one to have printed the line.
function drop_quickest(    i, quickest) {
  for (i = 1; i <= rows; i++)
    if (row_status[i] == "passed" && (!quickest || row_seconds[i] + 0 < row_seconds[quickest] + 0))
      quickest = i
  if (quickest)
    row_status[quickest] = "dropped"
}

function finish(    i) {
  if (name == "")
    return
  rows = 0
  if (state == "skipped")
    add("skipped", seconds_of, name, "exit code 77")
  else
    add_cases(name)
  if (state == "failed" && !count_rows("failed"))
    add("failed", seconds_of, name, "the program failed")
  if (!rows)
    add("passed", seconds_of, name, "")
  for (i = 1; i <= skip_lines && state != "skipped"; i++) {
    drop_quickest()
    add("skipped", 0, name, skip_line[i])
  }
  for (i = 1; i <= rows; i++)
    if (row_status[i] != "dropped")
      printf "%s\t%s\t%s: %s\t%s\n", row_status[i], row_seconds[i], label, row_name[i], row_why[i]
}

/<testcase / {
  finish()
  name = attribute($0, "name")
  seconds_of = attribute($0, "time")
  state = attribute($0, "status") == "run" ? "passed" : "failed"
  skip_lines = 0
}
/<skipped message="SKIP_RETURN_CODE/ {
  state = "skipped"
}
/^(\t*<system-out>)?[Ss]kipped/ {
  sub(/^\t*<system-out>/, "")
  sub(/<\/system-out>.*/, "")
  skip_line[++skip_lines] = substr($0, 1, 100)
}
END { finish() }
