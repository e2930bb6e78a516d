"""Which cases are run: the fixed selection of `make test`, and the endless rest of `make fuzz`, which begins where the former ends."""
SEED = 3
# kinds: groups and states of a chunk, whose file must fit into what Bochs can load (512 KiB), and chunks of the fixed selection.
KINDS = {
	"single": (1800, 8, 14),
	"sequence": (1200, 12, 6),
	"branch": (1000, 12, 6),
	"dense": (1500, 3, 8),
	"fpu": (1000, 12, 4),
	"string": (600, 12, 2),
	"lock": (500, 12, 2),
	"demand": (1200, 8, 2),
	"smc": (300, 4, 2),
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
