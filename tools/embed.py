#!/usr/bin/env python3
"""Puts files into the program as C strings: a compiler reads them much faster than arrays of numbers.

embed.py migrations OUT.c FILE.sql…    struct db_migration migrations[] and migrations_count
embed.py file OUT.c NAME FILE          const struct str NAME
embed.py locales OUT.c DIR DEPFILE     struct embedded_locale embedded_locales[] from DIR/<lang>/*.json
embed.py assets OUT.c DIR              struct http_asset web_assets[] from a folder of files
embed.py web OUT.c WEB BUILD DEPFILE   builds the web client of WEB into BUILD, then as assets

A depfile names every file that was read, and the folders, so that new files are seen too.
"""
import gzip, hashlib, json, os, subprocess, sys

TYPES = {'.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
         '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png',
         '.woff2': 'font/woff2', '.json': 'application/json', '.ico': 'image/x-icon',
         '.webmanifest': 'application/manifest+json', '.txt': 'text/plain; charset=utf-8'}


# three octal digits, so that a digit that follows is none of them; ? would begin a trigraph
ESCAPED = [chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else '\\%03o' % b for b in range(256)]


def array(out, name, data):
    out.append('static const char %s[] =' % name)
    for i in range(0, len(data), 4096):
        out.append('"%s"' % ''.join(ESCAPED[b] for b in data[i:i + 4096]))
    out.append('"";')


def string(name, data):
    return '{%s, %d}' % (name, len(data)) if data else '{"", 0}'


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def migrations(paths):
    out, rows = ['#include "src/db/migrations.h"'], []
    for path in sorted(paths):
        base = os.path.basename(path)
        number, name = base[:-4].split('_', 1)
        data = read(path)
        array(out, 'sql_%s' % number, data)
        rows.append('{%d, "%s", %s},' % (int(number), name, string('sql_%s' % number, data)))
    out.append('const struct db_migration migrations[] = {%s};' % '\n'.join(rows))
    out.append('const size_t migrations_count = %d;' % len(rows))
    return out


def one_file(name, path):
    data = read(path)
    out = ['#include "src/base/str.h"', 'extern const struct str %s;' % name]
    array(out, name + '_bytes', data)
    out.append('const struct str %s = %s;' % (name, string(name + '_bytes', data)))
    return out


def depends(depfile, target, folders, skip=()):
    seen = []
    for folder in folders:
        for d, names, files in os.walk(folder):
            names[:] = sorted(n for n in names if n not in skip)
            seen += [d] + [os.path.join(d, f) for f in sorted(files)]
    with open(depfile, 'w', encoding='utf-8') as f:
        f.write('%s: %s\n' % (target, ' '.join(p.replace(' ', '\\ ') for p in seen)))


# what the program itself says; the browser has its own copy of the rest
PROGRAM_TEXTS = ('problem.', 'field.', 'cli.', 'report.', 'import.field.', 'export.field.', 'bulk.outcome', 'bulk.file.', 'prompt.', 'audit.', 'privacy.file_', 'privacy.table_',
                 'privacy.column_')


def locales(folder, depfile):
    depends(depfile, sys.argv[2], [folder])
    out, rows = ['#include "src/app/embedded.h"'], []
    for language in sorted(os.listdir(folder)):
        if not os.path.isdir(os.path.join(folder, language)):
            continue
        merged = {}
        for base in sorted(os.listdir(os.path.join(folder, language))):
            with open(os.path.join(folder, language, base), encoding='utf-8') as f:
                for key, value in json.load(f).items():
                    if key in merged:
                        sys.exit('%s/%s: key %s stands in two files' % (language, base, key))
                    merged[key] = value
        own = {k: v for k, v in merged.items() if k.startswith(PROGRAM_TEXTS)}
        data = json.dumps(own, ensure_ascii=False).encode()
        array(out, 'locale_' + language, data)
        rows.append('{"%s", %s},' % (language, string('locale_' + language, data)))
    out.append('const struct embedded_locale embedded_locales[] = {%s {0}};' % '\n'.join(rows))
    return out


def assets(folder):
    out, rows = ['#include "src/http/http.h"', 'extern const struct http_asset web_assets[];'], []
    paths = sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, fs in os.walk(folder) for f in fs)
    for n, path in enumerate(paths):
        ending = os.path.splitext(path)[1]
        if ending not in TYPES:
            continue
        data = read(os.path.join(folder, path))
        packed = b'' if ending in ('.woff2', '.png') else gzip.compress(data, 9, mtime=0)
        if len(packed) >= len(data):
            packed = b''
        smaller = os.path.join(folder, path + '.br')  # made by web/build.mjs
        smallest = read(smaller) if os.path.exists(smaller) else b''
        array(out, 'asset_%d' % n, data)
        if packed:
            array(out, 'asset_%d_gz' % n, packed)
        if smallest:
            array(out, 'asset_%d_br' % n, smallest)
        etag = hashlib.sha256(data).hexdigest()[:16]
        rows.append('{"/%s", "%s", "%s", %s, %s, %s, %s},' % (
            path, TYPES[ending], etag, string('asset_%d' % n, data), string('asset_%d_gz' % n, packed),
            string('asset_%d_br' % n, smallest),
            'true' if path.startswith('assets/') else 'false'))
    out.append('const struct http_asset web_assets[] = {%s {0}};' % '\n'.join(rows))
    return out


def web(folder, build, depfile):
    subprocess.run(['node', os.path.join(folder, 'build.mjs'), build], check=True, stdout=sys.stderr)
    depends(depfile, sys.argv[2], [folder], skip=('node_modules', 'tools'))
    return assets(build)


def main():
    kind, target, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    lines = {'migrations': lambda: migrations(rest), 'file': lambda: one_file(*rest),
             'locales': lambda: locales(*rest), 'assets': lambda: assets(*rest), 'web': lambda: web(*rest)}[kind]()
    with open(target, 'w', encoding='utf-8') as f:
        f.write('/* generated by tools/embed.py */\n' + '\n'.join(lines) + '\n')


main()
