"""The table, as text and CSV, with the floors; and the comparison with the baseline."""
import csv, io, os

from . import machines

RESULTS = os.path.join(machines.OUT, "bench.csv")
BASELINE = "bench/baseline.csv"
FLOORS = "bench/floors.csv"
TOLERANCE = 0.02
# Their data is about as large as what the host's TLB reaches, which replaces entries at random: no two runs are the same.
TOLERANCE_OF = {"chase-16M": 0.3, "chase-256M": 0.05}
FIELDS = ("kernel", "mode", "group", "unit", "units", "guest", "host", "ratio", "native", "to native", "per unit", "cold", "qemu", "to qemu")
COMPARED = ("host", "cold")
# Smaller differences are not looked at.
NOISE = 20
HEADINGS = ("kernel", "mode", "guest", "host", "ratio", "native", "x native", "a unit", "unit", "translation", "QEMU ratio", "QEMU x", "floor", "")

QEMU_COLUMNS = (HEADINGS.index("QEMU ratio"), HEADINGS.index("QEMU x"))
LEFT = ("kernel", "mode", "unit", "floor", "")


def number(v):
	"""To four digits, which is what a reader compares; the CSV has more."""
	if v is None:
		return "-"
	if v >= 1000:
		return f"{v:.0f}"
	return f"{v:.4g}" if v < 100 else f"{v:.1f}"


def floors():
	with open(FLOORS) as f:
		return {(row["kernel"], mode): (row["measure"], float(row[f"floor {mode}"])) for row in csv.DictReader(f) for mode in ("i386", "x86-64")
			if row[f"floor {mode}"]}


def verdict(row, known):
	"""The floor and whether it is reached, as text."""
	if (row.kernel, row.mode) not in known:
		return "", ""
	measure, floor = known[row.kernel, row.mode]
	value = {"ratio": row.ratio, "unit": row.per_unit, "native": row.to_native}[measure]
	name = {"ratio": "", "unit": f"/{row.unit}", "native": " native"}[measure]
	return f"{floor:g}{name}", "PASS" if value <= floor else "MISS"


def cells(row, known):
	mean = not row.group
	counts = ["", ""] if mean else [str(row.guest), str(round(row.host))]
	return [row.kernel, row.mode, *counts, f"{row.ratio:.2f}", "" if mean else number(row.native), number(row.to_native),
		"" if mean else number(row.per_unit), row.unit, number(row.cold), number(row.qemu_ratio), number(row.to_qemu), *verdict(row, known)]


def text(rows):
	known = floors()
	lines = [HEADINGS, *(cells(row, known) for row in rows)]
	if not any(row.qemu for row in rows):
		lines = [[c for k, c in enumerate(line) if k not in QEMU_COLUMNS] for line in lines]
	widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
	left = {k for k, heading in enumerate(lines[0]) if heading in LEFT}
	return "".join("  ".join(c.ljust(w) if k in left else c.rjust(w) for k, (c, w) in enumerate(zip(line, widths))).rstrip() + "\n" for line in lines)


def fields(row):
	exact = lambda v: "" if v is None else f"{v:.6g}"
	return [row.kernel, row.mode, row.group, row.unit, row.units, row.guest, f"{row.host:.10g}", exact(row.ratio), exact(row.native),
		exact(row.to_native), exact(row.per_unit), exact(row.cold), exact(row.qemu), exact(row.to_qemu)]


def csv_text(rows):
	out = io.StringIO()
	writer = csv.writer(out, lineterminator="\n")
	writer.writerow(FIELDS)
	writer.writerows(fields(row) for row in rows)
	return out.getvalue()


def write_csv(path, rows):
	with open(path, "w") as f:
		f.write(csv_text(rows))


def read_baseline():
	if not os.path.exists(BASELINE):
		return {}
	with open(BASELINE) as f:
		return {(row["kernel"], row["mode"]): row for row in csv.DictReader(f)}


def by_kernel(rows):
	"""{(kernel, mode): row as it stands in a CSV}."""
	return {(row["kernel"], row["mode"]): row for row in csv.DictReader(io.StringIO(csv_text(rows)))}


def worse(rows, baseline):
	"""A line for each figure that is worse than in `baseline`, which is as from by_kernel()."""
	lines = []
	for key, row in by_kernel(rows).items():
		before = baseline.get(key)
		if before is None or not row["group"]:
			continue
		if before["guest"] != row["guest"]:
			lines.append(f"{row['kernel']}, {row['mode']}: other guest code than the baseline's: update it")
			continue
		for what in COMPARED:
			now, then = (float(r[what] or 0) for r in (row, before))
			if now > then * (1 + TOLERANCE_OF.get(row["kernel"], TOLERANCE)) and now - then > NOISE:
				lines.append(f"{row['kernel']}, {row['mode']}: {what} is {now:.6g}, {100 * (now / then - 1):.1f} % more than {then:.6g}")
	return lines


def update_baseline(rows):
	"""What was counted replaces the baseline's rows of the same kernels; all of it when all kernels were run."""
	all_were_run = any(not row.group for row in rows)
	merged = ({} if all_were_run else read_baseline()) | by_kernel(rows)
	with open(BASELINE, "w") as f:
		writer = csv.DictWriter(f, FIELDS, lineterminator="\n")
		writer.writeheader()
		writer.writerows(merged.values())
