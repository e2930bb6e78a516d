"""What the payload says on COM1."""
import re
from collections import namedtuple

Difference = namedtuple("Difference", "group state kind fields")
SUM = re.compile(r"^cases (\d+) failures (\d+)$", re.MULTILINE)
CASE = re.compile(r"^(differs|stray) (\d+)(?: (\d+))? ?(.*)$") # what strayed is known once all cases of a group have run
FIELD = re.compile(r"^ +(\w+) ([0-9a-f]+)$")
STARTED = re.compile(r"^(conformance|differs|stray|cases)\b", re.MULTILINE)
FINISHED = re.compile(r"^finished$", re.MULTILINE)


class Output:
	"""started, finished: whether the payload began and came to its end; cases, failures: its numbers; differences: list of Difference, of kind
	"differs" or "stray", with {name: value} of the final state."""

	def __init__(self, text):
		self.text = text
		self.started = STARTED.search(text) is not None
		self.finished = bool(FINISHED.search(text))
		sums = SUM.findall(text)
		self.cases, self.failures = map(int, sums[-1]) if sums else (0, 0)
		self.differences = []
		for line in text.splitlines():
			case, field = CASE.match(line), FIELD.match(line)
			if case:
				self.differences.append(Difference(int(case[2]), int(case[3] or 0), case[1], {"says": case[4]} if case[4] else {}))
			elif field and self.differences:
				self.differences[-1].fields[field[1]] = field[2]
