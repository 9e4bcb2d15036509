#!/usr/bin/env python3
"""Checks web/locales: every language has every key once, with the same {arguments}, and every problem
code that the program gives and every field of the audit log has its text.

locales.py [SOURCE_TREE]    prints each fault; exit status 1 if there is one"""
import json, os, re, sys

LANGUAGES = ['en', 'fr', 'it', 'es', 'ru']
ARGUMENT = re.compile(r'\{(\w+)\}')
# problem_set(p, a, ERR_INVALID, "code", …), request_fail(r, ERR_STALE, "stale", …) and the like
GIVEN = re.compile(r'\bERR_[A-Z_]+,\s*"([a-z][a-z0-9_]*)"')
# audit_detail_value(&d, "name", …), reward_tell(tx, merchant_id, &d, "reward", …) and helpers like note(&d, "email", …)
AUDIT_FIELD = re.compile(r'\b(?:audit_detail_\w+|note|reward_tell)\(\s*(?:tx,\s*merchant_id,\s*)?&?d(?:etail)?,\s*"([a-z_]+)"')


def texts(tree, language, faults):
    """key → text of all files of a language."""
    merged, folder = {}, os.path.join(tree, 'web', 'locales', language)
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding='utf-8') as f:
            for key, text in json.load(f).items():
                if key in merged:
                    faults.append('%s/%s: %s stands in two files' % (language, name, key))
                if not isinstance(text, str) or not text.strip():
                    faults.append('%s/%s: %s has no text' % (language, name, key))
                    continue
                merged[key] = text
    return merged


def written(tree, pattern, *folder):
    """What the pattern finds in the C sources → where first."""
    found = {}
    for directory, _, files in os.walk(os.path.join(tree, 'src', *folder)):
        for name in sorted(files):
            if name.endswith('.c'):
                path = os.path.join(directory, name)
                with open(path, encoding='utf-8') as f:
                    for word in pattern.findall(f.read()):
                        found.setdefault(word, os.path.relpath(path, tree))
    return found


def actions(tree):
    """Action or thing of the audit log → where it is written. An action may come to audit_write() by a
    variable: so every text "thing.done" whose thing is one of those that stand in a call counts."""
    sources = {}
    for directory, _, files in os.walk(os.path.join(tree, 'src')):
        for name in files:
            if name.endswith('.c'):
                path = os.path.join(directory, name)
                with open(path, encoding='utf-8') as f:
                    sources[os.path.relpath(path, tree)] = f.read()
    entities = set()
    heads = set()
    for text in sources.values():
        for action, entity in re.findall(r'audit_write\([^;]*?"([a-z_]+\.[a-z_]+)",\s*"([a-z_]+)"', text):
            heads.add(action.split('.')[0])
            entities.add(entity)
    found = {'audit.entity_' + entity: 'the audit log' for entity in entities}
    for path, text in sources.items():
        if path.startswith(os.path.join('src', 'crm')) or 'audit_write(' in text:
            for head, tail in re.findall(r'"([a-z_]+)\.([a-z_]+)"', text):
                if head in heads and tail != 'h' and tail != 'example':
                    found['audit.action.%s.%s' % (head, tail)] = path
    return found


def audit_page(tree, constant):
    """A list of the audit page: fieldKeys, where it looks for a field's words; unreadable, what it leaves out."""
    with open(os.path.join(tree, 'web', 'src', 'audit', 'words.ts'), encoding='utf-8') as f:
        return re.findall(r'"([^"]+)"', re.search(r'const %s = \[(.*?)\]' % constant, f.read()).group(1))


def plural(key):
    """Plural forms (key_one, key_few, …) differ between languages."""
    return re.search(r'[._](zero|one|two|few|many|other)$', key)


def main():
    tree = sys.argv[1] if len(sys.argv) > 1 else '.'
    faults = []
    all_texts = {language: texts(tree, language, faults) for language in LANGUAGES}
    english = all_texts['en']
    for language in LANGUAGES[1:]:
        for key in sorted(set(english) ^ set(all_texts[language])):
            if not plural(key):
                faults.append('%s: %s is %s' % (language, key, 'missing' if key in english else 'not in English'))
        for key in sorted(set(english) & set(all_texts[language])):
            if set(ARGUMENT.findall(english[key])) != set(ARGUMENT.findall(all_texts[language][key])) \
                    and not plural(key):
                faults.append('%s: %s has other {arguments} than English' % (language, key))
    for code, path in sorted(written(tree, GIVEN).items()):
        if 'problem.' + code not in english:
            faults.append('%s: problem.%s has no text' % (path, code))
    for key, path in sorted(actions(tree).items()):
        if key not in english and key.replace('audit.action.', '') not in english:
            faults.append('%s: %s has no text' % (path, key))
    prefixes, left_out = audit_page(tree, 'fieldKeys'), audit_page(tree, 'unreadable')
    for field, path in sorted(written(tree, AUDIT_FIELD, 'crm').items()):
        if field not in left_out and not any(prefix + field in english for prefix in prefixes):
            faults.append('%s: field %s of the audit log has no text' % (path, field))
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


main()
