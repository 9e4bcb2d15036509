#!/usr/bin/env python3
"""Checks that arrows only go down (docs/ARCHITECTURE.md), that features of src/crm use each other
through headers and without circles, that each library is known to one folder only, and that nobody
calls a banned function.

layers.py [SOURCE_TREE]    prints each fault as file:line: what; exit status 1 if there is one
layers.py --self-test      checks the checks"""
import os, re, sys, tempfile

# A folder of src/ may include these, and itself.
MAY_INCLUDE = {
    'base': set(),
    'db': {'base'},
    'audience': {'base'},
    'work': {'base', 'db'},
    'http': {'base'},
    'send': {'base', 'db', 'work'},
    'crm': {'base', 'db', 'audience', 'work', 'http', 'send'},
    'app': {'base', 'db', 'audience', 'work', 'http', 'send', 'crm'},
}
# Only this folder knows the library.
OWN_LIBRARY = {'microhttpd.h': 'http', 'sqlite3.h': 'db', 'libpq-fe.h': 'db', 'curl/curl.h': 'send'}
BANNED = re.compile(r'\b(sprintf|vsprintf|strcpy|strcat|strtok|atoi|atol|gets)\s*\(')
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
# Comments, strings and character constants; a line comment may not hide the end of a line.
BLANKED = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def sources(tree, folders):
    for folder in folders:
        for directory, _, files in os.walk(os.path.join(tree, folder)):
            if 'node_modules' in directory:
                continue
            for name in sorted(files):
                if name.endswith(('.c', '.h', '.cc', '.y', '.re')):
                    yield os.path.relpath(os.path.join(directory, name), tree)


def code_lines(text):
    """The lines without comments and strings."""
    return BLANKED.sub(lambda m: re.sub(r'[^\n]', ' ', m.group()), text).split('\n')


def target(tree, path, quoted):
    """Where an #include "…" of ours leads, relative to the tree; None for a generated file."""
    for start in (os.path.dirname(path), ''):
        found = os.path.normpath(os.path.join(start, quoted))
        if os.path.exists(os.path.join(tree, found)):
            return found
    return None


def feature(path):
    """src/crm/<feature>/… → its name; a header of src/crm itself counts as one; else None."""
    parts = path.split(os.sep)
    if parts[:2] != ['src', 'crm']:
        return None
    if len(parts) > 3:
        return parts[2]
    return parts[2] if path.endswith('.h') else None


def check_include(path, number, bracket, name, found, uses):
    here = path.split(os.sep)[1]
    if bracket == '<':
        owner = OWN_LIBRARY.get(name)
        if owner and owner != here:
            yield '%s:%d: only src/%s knows %s' % (path, number, owner, name)
        return
    if not found or not found.startswith('src' + os.sep):
        return
    there = found.split(os.sep)[1]
    if there != here and there not in MAY_INCLUDE.get(here, set()):
        yield '%s:%d: src/%s must not include src/%s' % (path, number, here, there)
    if found.endswith('.c'):
        yield '%s:%d: includes a source, not a header: %s' % (path, number, name)
    a, b = feature(path), feature(found)
    if a and b and a != b:
        uses.setdefault(a, {}).setdefault(b, '%s:%d' % (path, number))


def circles(uses):
    """One shortest way round for each pair of features that lead to each other."""
    for start in sorted(uses):
        queue, seen = [[start]], {start}
        while queue:
            way = queue.pop(0)
            for to in sorted(uses.get(way[-1], {})):
                if to == start and min(way) == start:
                    steps = ['%s (%s)' % (b, uses[a][b]) for a, b in zip(way, way[1:] + [start])]
                    yield 'circle of features: %s → %s' % (start, ' → '.join(steps))
                    queue = []
                    break
                if to not in seen:
                    seen.add(to)
                    queue.append(way + [to])


def faults(tree):
    uses = {}
    for path in sources(tree, ['src', 'tests', 'benchmarks']):
        with open(os.path.join(tree, path), encoding='utf-8') as f:
            text = f.read()
        for number, line in enumerate(code_lines(text), 1):
            call = BANNED.search(line)
            if call:
                yield '%s:%d: %s is banned' % (path, number, call.group(1))
        if not path.startswith('src' + os.sep) or path.count(os.sep) < 2:
            continue
        for number, line in enumerate(text.split('\n'), 1):
            m = INCLUDE.match(line)
            if m:
                found = target(tree, path, m.group(2)) if m.group(1) == '"' else None
                yield from check_include(path, number, m.group(1), m.group(2), found, uses)
    yield from circles(uses)


def self_test():
    bad = {
        'src/base/low.h': '#include "../db/db.h"\n',
        'src/db/db.h': '#include <sqlite3.h>\n#include "../base/low.h"\n',
        'src/http/x.c': '#include <sqlite3.h>\nint f(char *p) { return atoi (p); }\n',
        'src/crm/a/a.h': '#include "../b/b.h"\n',
        'src/crm/b/b.h': '#include "../c/c.h"\n',
        'src/crm/c/c.h': '#include "../a/a.h"\n',
        'src/crm/d/d.c': '#include "../a/a.h"\n/* strcpy(a, b) */ // gets(x)\nchar *s = "sprintf(";\n',
        'src/crm/e/e.c': '#include "../d/d.c"\n',
    }
    expected = ['src/base/low.h:1: src/base must not include src/db', 'src/http/x.c:1: only src/db',
                'src/http/x.c:2: atoi is banned', 'src/crm/e/e.c:1: includes a source',
                'circle of features: a → b']
    with tempfile.TemporaryDirectory() as tree:
        for path, text in bad.items():
            os.makedirs(os.path.join(tree, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(tree, path), 'w', encoding='utf-8') as f:
                f.write(text)
        found = list(faults(tree))
    missing = [e for e in expected if not any(f.startswith(e) for f in found)]
    if missing or len(found) != len(expected):
        sys.exit('expected %s\nfound %s' % (expected, found))


def main():
    self_test()
    if sys.argv[1:] == ['--self-test']:
        return
    found = list(faults(sys.argv[1] if len(sys.argv) > 1 else '.'))
    for fault in found:
        print(fault)
    sys.exit(1 if found else 0)


main()
