"""The coverage table: how many cases of each cell (an opcode with its map, prefix, group number and kind of operand) ran in each mode."""
import collections, os

from .vectorfile import MODES

ORACLES = ["cpu", "machine"]


class Coverage:
	"""cells: {(mode, cell)} that our decoder accepts; reasons: {(mode, cell): why no case is made of it}; cases: {(mode, cell):
	number of cases with such an instruction}; ran: {(mode, oracle): number of cases}."""

	def __init__(self, cells=(), reasons=None):
		self.cells, self.reasons, self.cases = set(cells), dict(reasons or {}), collections.Counter()
		self.ran = collections.Counter()

	@classmethod
	def of_decoder(cls, lines):
		"""From what `vectors cells` prints: "cell MODE CELL", "reason MODE CELL: TEXT"."""
		cells, reasons = set(), {}
		for line in lines:
			kind, _, rest = line.partition(" ")
			mode, _, rest = rest.partition(" ")
			if kind == "cell":
				cells.add((mode, rest))
			elif kind == "reason":
				cell, _, text = rest.partition(": ")
				reasons[mode, cell] = text
		return cls(cells | set(reasons), reasons)

	def add_lines(self, lines):
		"""From what `vectors make` prints: "coverage MODE CELL ORACLE GROUPS CASES"."""
		for line in lines:
			words = line.split()
			if len(words) >= 6 and words[0] == "coverage":
				self.cases[words[1], " ".join(words[2:-3])] += int(words[-1])

	def add_run(self, vectors):
		"""The cases of a vector file that has been run."""
		for group in vectors.groups():
			self.ran[MODES[group.mode], ORACLES[group.oracle]] += group.states

	def add(self, other):
		self.cases.update(other.cases)
		self.ran.update(other.ran)

	def modes(self):
		return [mode for mode in MODES if any(m == mode for m, _ in self.cells)]

	def empty(self, modes):
		"""Cells without a case and without a reason for it."""
		return sorted(key for key in self.cells if key[0] in modes and not self.cases[key] and key not in self.reasons)

	def summary(self, modes):
		"""A line a mode."""
		for mode in modes:
			cells = [key for key in self.cells if key[0] == mode]
			covered = sum(self.cases[key] > 0 for key in cells)
			excused = sum(key in self.reasons and not self.cases[key] for key in cells)
			empty = len(cells) - covered - excused
			by_cpu, by_machine = (self.ran[mode, oracle] for oracle in ORACLES)
			yield (f"{mode:9} {covered} of {len(cells)} cells covered, {excused} left out with a reason, {empty} empty; "
			       f"{by_cpu + by_machine} cases ({by_cpu} by the CPU, {by_machine} by a machine)")

	def table(self):
		"""Rows are cells, columns modes; "-": the decoder does not accept it there; "(n)": left out, see note n."""
		modes = self.modes()
		notes = {text: number + 1 for number, text in enumerate(sorted(set(self.reasons.values())))}
		yield f"{'cell':18}" + "".join(f"{mode:>11}" for mode in modes)
		for cell in sorted({cell for _, cell in self.cells}, key=cell_order):
			yield f"{cell:18}" + "".join(f"{self.entry((mode, cell), notes):>11}" for mode in modes)
		for text, number in notes.items():
			yield f"({number}) {text}"

	def entry(self, key, notes):
		if self.cases[key]:
			return str(self.cases[key])
		if key in self.reasons:
			return f"({notes[self.reasons[key]]})"
		return "0" if key in self.cells else "-"

	def save(self, path):
		os.makedirs(os.path.dirname(path), exist_ok=True)
		with open(path, "w") as f:
			f.writelines(line + "\n" for line in self.table())

	def store(self, path):
		"""Keeps the numbers, for load()."""
		os.makedirs(os.path.dirname(path), exist_ok=True)
		with open(path + ".new", "w") as f:
			f.writelines(f"ran {mode} {oracle} {number}\n" for (mode, oracle), number in sorted(self.ran.items()))
			f.writelines(f"cell {mode} {number} {cell}\n" for (mode, cell), number in sorted(self.cases.items()))
		os.replace(path + ".new", path)

	def load(self, path):
		if not os.path.exists(path):
			return
		with open(path) as f:
			for line in f:
				kind, mode, second, third = line.rstrip("\n").split(" ", 3)
				if kind == "ran":
					self.ran[mode, second] += int(third)
				else:
					self.cases[mode, third] += int(second)


def cell_order(cell):
	"""One-byte opcodes first, then the 0F map; by opcode, whatever the prefix."""
	words = cell.split()
	return "0f" in words[:-1], [word for word in words if word not in ("66", "f2", "f3", "0f")], words
