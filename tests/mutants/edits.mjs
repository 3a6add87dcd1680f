// edits.mjs - reads *.mutant files and applies them to a copy of the tree.
//
// A mutant is a few header lines ("what:", "promise:", "caught by:") and then one edit or more: "--- PATH", the text that must
// stand exactly once in that file or below that folder, "+++", the text in its place. White space is compared by words, so that
// a formatter or a moved function does not break an edit.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const HEADS = ['what', 'promise', 'caught by'];

function readEdits(name, text) {
  return text.split(/^--- /m).slice(1).map((part) => {
    const [path, ...rest] = part.split('\n');
    const sides = rest.join('\n').split(/^\+\+\+\n/m);
    if (sides.length !== 2 || !sides[0].trim()) throw new Error(`${name}.mutant: after "--- ${path}" one "+++" is needed`);
    return { path: path.trim(), old: sides[0].trim(), fresh: sides[1].trim() };
  });
}

function readMutant(file) {
  const name = basename(file, '.mutant');
  const text = readFileSync(file, 'utf8');
  const head = Object.fromEntries(HEADS.map((key) => [key, (text.match(new RegExp(`^${key}: *(.+)$`, 'm')) || [])[1]]));
  const edits = readEdits(name, text);
  const missing = HEADS.filter((key) => !head[key]);
  if (missing.length || !edits.length) throw new Error(`${name}.mutant lacks ${missing.join(', ') || 'an edit'}`);
  return { name, what: head.what, promise: head.promise, tests: head['caught by'].split(/\s+/), edits };
}

export function readMutants(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.mutant')).sort();
  return files.map((file) => readMutant(join(folder, file)));
}

function sourcesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.flatMap((entry) => {
    if (entry.isDirectory()) return sourcesBelow(join(path, entry.name));
    return /\.[ch]$/.test(entry.name) ? [join(path, entry.name)] : [];
  });
}

function patternOf(text) {
  const words = text.split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(words.join('\\s+'), 'g');
}

// The one place of the edit's text; says how often it stands there when that is not once.
function find(tree, edit) {
  let places = [];
  try {
    places = sourcesBelow(join(tree, edit.path)).flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return [...text.matchAll(patternOf(edit.old))].map((match) => ({ file, text, from: match.index, to: match.index + match[0].length }));
    });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  if (places.length !== 1) throw new Error(`its text stands ${places.length} times in ${edit.path}: ${edit.old.split('\n')[0]}`);
  return places[0];
}

// Applies all edits of a mutant; gives the function that takes them back. Throws, with nothing changed, when one does not fit.
export function apply(tree, mutant) {
  const saved = new Map();
  const undo = () => saved.forEach((text, file) => writeFileSync(file, text));
  try {
    for (const edit of mutant.edits) {
      const { file, text, from, to } = find(tree, edit);
      if (!saved.has(file)) saved.set(file, text);
      writeFileSync(file, text.slice(0, from) + edit.fresh + text.slice(to));
    }
  } catch (error) {
    undo();
    throw error;
  }
  return undo;
}
