"""Cuts failing cases down: instructions are left out as long as the case fails. One vector file holds the candidates of a step for all failures, so
that a step is one run of the machine."""
import os

from . import chunk, machine
from .vectorfile import VectorFile

MOST_STEPS = 40
MOST_STOPPING = 3
TOGETHER = 6 # failures reduced at once: Bochs must be able to load the file of a step
STALL_SECONDS = 6


def candidates(build, path, out, failures):
	"""Makes the file `out` of all ways to leave something out of the failures, which are in the file `path`: {group in out: failure}."""
	of_group = {failure.group: failure for failure in failures}
	lines = chunk.vectors_program(build, "cut", path, out, *(f"{f.group}:{f.state}" for f in failures))
	made = {}
	for line in lines:
		words = line.split()
		if words and words[0] == "candidate":
			made[int(words[1])] = of_group[int(words[3])]
	return made


def smallest(vectors, failing, made):
	"""Of those candidates that fail, the one with the shortest code for each failure that they come from: {failure: candidate}."""
	best = {}
	for candidate in failing:
		origin = made[candidate.group]
		known = best.get(origin)
		if known is None or vectors.group(candidate.group).length < vectors.group(known.group).length:
			best[origin] = candidate
	return best


def step(build, path, out, failures):
	"""{failure: its smallest candidate that fails} of failures of one file."""
	made = candidates(build, path, out, failures)
	if not made:
		return {}
	vectors = VectorFile(out)
	machine.record(build, vectors)
	vectors.save()
	return smallest(vectors, chunk.run(build, vectors, STALL_SECONDS)[2], made)


def reduce_together(build, name, failures):
	"""Failures of one file with nothing left that could be left out; `name` begins the names of the files made on the way."""
	done = []
	for number in range(MOST_STEPS):
		if not failures:
			break
		best = step(build, failures[0].path, f"{name}-{number}", failures)
		done += [failure for failure in failures if failure not in best]
		for failure, candidate in best.items():
			candidate.count = failure.count
		failures = list(best.values())
	return done + failures


def reduce(build, directory, failures):
	"""Reduces failures of any files; new files go to `directory`. Those that stop the machine are reduced each on its own, and only a few, since each
	step takes long."""
	done, work = [], {}
	for failure in failures:
		if failure.kind != "stops":
			work.setdefault(failure.path, []).append(failure)
		elif sum(key[0] == "stops" for key in work) < MOST_STOPPING:
			work["stops", failure.path, failure.group] = [failure]
		else:
			done.append(failure)
	parts = [together[k:k + TOGETHER] for together in work.values() for k in range(0, len(together), TOGETHER)]
	for number, together in enumerate(parts):
		done += reduce_together(build, os.path.join(directory, f"reduce-{number}"), together)
	return done
