"""Which cases are run: the fixed selection of `make test`, and the endless rest of `make fuzz`, which begins where the former ends."""
from .vectorfile import MODES

SEED = 1
# The modes of `make test`: those whose cases all agree.
FIXED = [mode for mode in MODES if mode not in ("long64", "long64r0")]
# kinds: groups and states of a chunk, whose file must fit into what Bochs can load (512 KiB), and chunks of the fixed selection.
KINDS = {
	"single": (1800, 8, 7),
	"sequence": (1200, 12, 3),
	"branch": (1000, 12, 2),
	"fpu": (1000, 12, 2),
	"string": (600, 12, 1),
	"lock": (500, 12, 1),
	"demand": (1200, 8, 1),
	"smc": (300, 4, 1),
}


def make(modes, kind, seed, number):
	"""(name, arguments) of a chunk."""
	groups, states, _ = KINDS[kind]

	def arguments(path):
		return ["make", path, "--seed", seed, "--groups", groups, "--states", states, "--modes", ",".join(modes), "--kinds", kind,
			"--start", number * groups]
	return f"{kind}-{seed}-{number}", arguments


def fixed(modes, kinds):
	for number in range(max(chunks for _, _, chunks in KINDS.values())):
		for kind in kinds:
			if number < KINDS[kind][2]:
				yield make(modes, kind, SEED, number)


def endless(modes, kinds, seed, rounds):
	"""From a round on: each has a chunk of each kind."""
	while True:
		for kind in kinds:
			yield make(modes, kind, seed, KINDS[kind][2] + rounds)
		rounds += 1


class Counted:
	"""An iterator that counts what was taken from it."""

	def __init__(self, iterator):
		self.iterator, self.count = iterator, 0

	def __iter__(self):
		return self

	def __next__(self):
		following = next(self.iterator)
		self.count += 1
		return following
