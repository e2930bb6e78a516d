"""What the rig runs: the firmware, the payload's ROM, the programs `vectors` and `hostcode`. Made anew each time: their makers are quick."""
import hashlib, os, subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
HERE = os.path.join(ROOT, "tests", "conformance")


class BuildError(Exception):
	pass


def run(command):
	done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
	if done.returncode:
		raise BuildError(f"{' '.join(command)}:\n{done.stdout[-4000:]}")


def translator_sources():
	return subprocess.run([os.path.join(ROOT, "tests", "lib", "translator-sources")], check=True, capture_output=True, text=True).stdout.split()


def contents(path):
	with open(path, "rb") as f:
		return f.read()


class Build:
	"""Paths of what was built; directory holds them and all the rig leaves behind. key, known once it is made, changes with whatever may change a
	generated vector file or a recorded digest."""

	def __init__(self):
		self.records = True # whether cases that the CPU cannot tell are recorded by a machine; else they are left out
		out = os.path.join(ROOT, os.environ.get("O") or "build")
		self.firmware = os.path.join(out, "fw.elf")
		self.directory = os.path.join(out, "tests", "conformance")
		self.totals = os.path.join(out, "conformance", "totals")
		self.vectors, self.rom, self.hostcode = (os.path.join(self.directory, name) for name in ("vectors", "rom", "hostcode"))
		if not os.path.exists(self.firmware):
			raise BuildError(f"{self.firmware} is missing: run make first")

	def make(self):
		os.makedirs(self.directory, exist_ok=True)
		run([os.path.join(HERE, "build-vectors"), self.vectors])
		run([os.path.join(HERE, "payload", "build"), self.rom])
		run(["gcc", "-std=gnu11", "-O1", "-I.", "-static", "-no-pie", "-Wl,--unresolved-symbols=ignore-all",
		     os.path.join(HERE, "hostcode.c"), os.path.join(HERE, "enumerate.c"), *translator_sources(), "-o", self.hostcode])
		self.key = hashlib.sha256(b"".join(contents(path) for path in (self.vectors, self.rom))).hexdigest()[:16]
