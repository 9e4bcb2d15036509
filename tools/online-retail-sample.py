#!/usr/bin/env python3
"""online-retail-sample.py online_retail.csv > tests/data/online-retail/sample.csv

Every 50th invoice of UCI Online Retail, whole: chosen by the CRC-32 of its number, so that the choice depends
on nothing else. Prints the figures of the sample, recomputed, on standard error."""
import csv, sys, zlib
from decimal import Decimal

rows = list(csv.reader(open(sys.argv[1], newline='')))
kept = [r for r in rows[1:] if zlib.crc32(r[0].encode()) % 50 == 0]
out = csv.writer(sys.stdout, lineterminator='\n')
out.writerow(rows[0])
out.writerows(kept)
invoices = {r[0] for r in kept}
print('rows', len(kept), file=sys.stderr)
print('invoices', len(invoices), file=sys.stderr)
print('cancellations', len([i for i in invoices if i.startswith('C')]), file=sys.stderr)
print('customers', len({r[6] for r in kept if r[6]}), file=sys.stderr)
print('rows without customer', len([r for r in kept if not r[6]]), file=sys.stderr)
print('value', sum(int(r[3]) * Decimal(r[5]) for r in kept), file=sys.stderr)
