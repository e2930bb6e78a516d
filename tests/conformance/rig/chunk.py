"""A chunk of cases: generated from a seed, and run. Every difference, stop and stray exception becomes a Failure."""
import os, subprocess
from dataclasses import dataclass

from . import machine
from .vectorfile import VectorFile

REPORTED = 400
MOST_STOPS = 12


@dataclass(eq=False)
class Failure:
	path: str     # of the vector file
	group: int
	state: int    # the first that fails
	kind: str     # "differs", "stops" or "stray"
	fields: dict  # {name: value} of the final state that we got
	count: int = 1 # failures that it stands for


class GeneratorError(Exception):
	pass


def vectors_program(build, *arguments):
	"""Runs `vectors`: its output, a list of lines."""
	done = subprocess.run([build.vectors, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
	if done.returncode:
		raise GeneratorError(f"vectors {' '.join(map(str, arguments))}: status {done.returncode}\n{done.stdout[-1000:]}{done.stderr[-1000:]}")
	return done.stdout.splitlines()


def generate(build, path, arguments):
	"""A vector file with its digests, those of the oracle machine included if the build records them, made by `vectors` with `arguments` (make
	or text ...), or left by an earlier run; returns what `vectors` said."""
	said = path + ".said"
	if not (os.path.exists(path) and os.path.exists(said)):
		lines = vectors_program(build, *arguments(path + ".new"))
		vectors = VectorFile(path + ".new")
		if build.records:
			machine.record(build, vectors)
		vectors.save()
		with open(said, "w") as f:
			f.writelines(line + "\n" for line in lines)
		os.replace(path + ".new", path)
	with open(said) as f:
		return f.read().splitlines()


def run(build, vectors, stall=machine.STALL_SECONDS):
	"""Runs a file's cases in our firmware: (cases done, cases failed, list of Failure: the first of each group that failed). When a case stops the
	machine, those behind its group have another start: known by no case being done for `stall` seconds."""
	total, failed, failures = 0, 0, []
	for _ in range(MOST_STOPS):
		output, header = machine.check(build, vectors, REPORTED, stall)
		total, failed = total + header.cases, failed + header.failures
		seen = set()
		for d in output.differences:
			if d.group not in seen:
				seen.add(d.group)
				failures.append(Failure(vectors.path, d.group, d.state, d.kind, d.fields))
		if output.finished:
			break
		at = header.at_group, header.at_state
		if not output.started:
			raise machine.MachineError(f"the payload did not come to its end:\n{output.text[-2000:]}")
		failures.append(Failure(vectors.path, *at, "stops", {"console": output.text[-600:]}))
		total, failed = total + 1, failed + 1
		for number in range(at[0] + 1):
			vectors.set_states(number, 0)
	return total, failed, failures
