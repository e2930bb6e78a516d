"""Many chunks one after the other, two at a time; then the report on all of them."""
import glob, hashlib, os, threading, time

from . import chunk, machine, reduction, report
from .build import contents
from .coverage import Coverage
from .vectorfile import VectorFile

WORKERS = 2
REDUCED = 60 # failures that are reduced and explained; the rest is counted


class Session:
	"""What some chunks brought together."""

	def __init__(self, build, modes):
		self.build, self.modes = build, modes
		self.cells = Coverage.of_decoder(chunk.vectors_program(build, "cells", "--modes", ",".join(modes)))
		self.cases = self.failed = 0
		self.failures, self.errors = [], []
		self.lock = threading.Lock()
		self.ending = threading.Event()

	def path(self, name, arguments):
		"""Where a chunk's vector file is kept: another place for other arguments, other cases in the files they name, or none recorded."""
		made_of = [argument if not os.path.isfile(str(argument)) else contents(argument) for argument in arguments("")]
		digest = hashlib.sha256(repr((made_of, self.build.records)).encode()).hexdigest()[:8]
		return os.path.join(self.build.directory, f"{name}-{digest}.{self.build.key}.vec")

	def forget_stale(self):
		"""Removes vector files that other builds made."""
		for path in glob.glob(os.path.join(self.build.directory, "*.vec*")):
			if f".{self.build.key}.vec" not in path:
				os.remove(path)

	def run_chunk(self, name, arguments, keep):
		"""arguments: function from a path to the arguments of `vectors`. Files of chunks without failures are removed unless `keep`."""
		path = self.path(name, arguments)
		said = chunk.generate(self.build, path, arguments)
		vectors = VectorFile(path)
		part = Coverage()
		part.add_lines(said)
		part.add_run(vectors)
		cases, failed, failures = chunk.run(self.build, vectors)
		with self.lock:
			self.cases, self.failed = self.cases + cases, self.failed + failed
			self.failures += failures
			self.cells.add(part)
			print(f"{name}: {cases} cases, {failed} failed", flush=True)
		if not keep and not failures:
			os.remove(path)
			os.remove(path + ".said")

	def work(self, chunks, deadline, keep):
		longest = 0
		while not self.ending.is_set() and time.monotonic() + longest < deadline:
			with self.lock:
				following = next(chunks, None)
			if following is None:
				return
			began = time.monotonic()
			try:
				self.run_chunk(*following, keep)
			except (machine.MachineError, chunk.GeneratorError, ValueError, OSError) as error:
				if not self.ending.is_set():
					self.errors.append(f"{following[0]}: {error}")
			longest = max(longest, time.monotonic() - began)

	def run(self, chunks, seconds, keep=False):
		"""Runs chunks, an iterator of (name, arguments), until there are none, time is up or the user interrupts."""
		deadline = time.monotonic() + seconds
		threads = [threading.Thread(target=self.work, args=(chunks, deadline, keep)) for _ in range(WORKERS)]
		for thread in threads:
			thread.start()
		try:
			for thread in threads:
				thread.join()
		except KeyboardInterrupt:
			print("interrupted: ending the machines", flush=True)
			self.ending.set()
			machine.end_all()
			for thread in threads:
				thread.join()

	def report_failures(self):
		"""Reduces what failed and prints it."""
		chosen = self.choose()
		left = len(self.failures) - sum(failure.count for failure in chosen)
		print(f"{len(self.failures)} groups failed, reducing {len(chosen)}" if chosen else "no case failed", flush=True)
		try:
			reduced = reduction.reduce(self.build, self.build.directory, chosen)
		except machine.MachineError as error:
			self.errors.append(f"reducing: {error}")
			reduced = chosen
		for case in report.gather(self.build, reduced):
			case.explain()
			print("\n".join(case.text()), flush=True)
		if left:
			print(f"{left} more groups failed and were not reduced")
		for error in self.errors:
			print(f"ERROR: {error}")

	def choose(self):
		"""The failures that are reduced: of those whose code has the same form, one; the shortest code first."""
		cases = report.gather(self.build, self.failures[:20 * REDUCED])
		return [case.failure for case in cases[:REDUCED]]

	def report_coverage(self, coverage):
		for line in coverage.summary(self.modes):
			print(line)
		empty = coverage.empty(self.modes)
		for mode, cell in empty:
			print(f"EMPTY: {mode} {cell}")
		return len(empty)
