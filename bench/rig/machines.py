"""The machines that run the payload, each under the counting plugin: our firmware, QEMU's own PC for the number of guest instructions, and a
bare LoongArch machine."""
import hashlib, json, os, subprocess, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT = os.path.join(os.environ.get("O", "build"), "bench")
SOURCES = ("bench", "tests/lib/guest")
MARK = b"SELECT:"
SELECTION_SIZE = 1024
SECONDS = 240
DETERMINISTIC = ["-icount", "shift=0,sleep=off", "-seed", "1", "-rtc", "base=2025-01-01T00:00:00,clock=vm"]
COMMON = ["-display", "none", "-vga", "none", "-device", "bochs-display", "-nic", "none", "-no-reboot", "-monitor", "none", "-serial", "stdio"]
LOONGARCH = ["qemu-system-loongarch64", "-M", "virt", "-cpu", "la464", "-m", "2G", *COMMON, *DETERMINISTIC]
PC = ["qemu-system-x86_64", "-M", "pc", "-cpu", "max", "-m", "3G", *COMMON, *DETERMINISTIC, "-no-user-config"]
STRETCHES = 4


class Failure(Exception):
	"""Something cannot be measured; the text says what."""


class Run:
	"""What one machine said and counted about one kernel."""

	def __init__(self, line, marks):
		_, self.name, self.group, self.unit, units, self.checksum = line.split()
		self.units = int(units)
		self.cold, self.warm, self.once, self.twice = (marks[k + 1][0] - marks[k][0] for k in range(STRETCHES))
		self.met = marks[1][1] - marks[0][1]

	@property
	def steady(self):
		"""Instructions for n turns; what a call of the kernel costs besides has cancelled out."""
		return self.twice - self.once


def newest(*directories):
	return max(os.path.getmtime(os.path.join(at, f)) for d in directories for at, _, files in os.walk(d) for f in files if not f.endswith(".pyc"))


def build():
	done = os.path.join(OUT, "native.elf")
	if not os.path.exists(done) or os.path.getmtime(done) < newest(*SOURCES):
		subprocess.run(["bench/build", OUT], check=True)


def select(payload, names, directory):
	"""A copy of the payload that runs only these kernels."""
	with open(os.path.join(OUT, payload), "rb") as f:
		data = f.read()
	words = MARK + " ".join(names).encode()
	if data.count(MARK + b"\0") != 1 or len(words) >= SELECTION_SIZE:
		raise Failure(f"{payload}: no place for the names of the kernels")
	path = os.path.join(directory, payload)
	with open(path, "wb") as f:
		f.write(data.replace(MARK + bytes(len(words) - len(MARK)), words, 1))
	return path


def scratch():
	return tempfile.TemporaryDirectory(prefix="run.", dir=OUT)


def run(what, payload, names, command, plugin=""):
	"""Runs a machine: {kernel: Run}. `command` makes the command line from the payload's path."""
	with scratch() as directory:
		marks = os.path.join(directory, "marks")
		arguments = command(select(payload, names, directory)) + ["-plugin", f"{os.path.join(OUT, 'counter.so')},out={marks}{plugin}"]
		try:
			done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS)
		except subprocess.TimeoutExpired as late:
			raise Failure(f"{what}: not done after {SECONDS} s: {(late.stdout or b'')[-1000:].decode(errors='replace')}") from None
		text = done.stdout.decode(errors="replace").replace("\r", "")
		with open(marks) as f:
			counts = [tuple(map(int, line.split())) for line in f]
	lines = [line for line in text.splitlines() if line.startswith("kernel ")]
	if "\ndone\n" not in text or len(counts) != 1 + (STRETCHES + 1) * len(lines):
		raise Failure(f"{what}: {len(counts)} marks for {len(lines)} kernels:\n{text[-2000:]}{done.stderr.decode(errors='replace')}")
	step = STRETCHES + 1
	return {r.name: r for r in (Run(line, counts[1 + step * k:1 + step * (k + 1)]) for k, line in enumerate(lines))}


def on_firmware(mode, names):
	image = os.path.join(os.environ.get("O", "build"), "fw.elf")
	return run(f"firmware, {mode} {' '.join(names)}", f"{mode}.rom", names, lambda rom: LOONGARCH + ["-kernel", image, "-initrd", rom])


def firmware(mode, name):
	"""One kernel on the firmware, in a machine of its own, so that it does not depend on the others."""
	return on_firmware(mode, [name])[name]


def all_on_firmware(mode):
	"""All kernels in one machine: quick, but the counts are not comparable."""
	return on_firmware(mode, [])


def native():
	return run("native", "native.elf", [], lambda elf: LOONGARCH + ["-kernel", elf])


def guest(mode):
	"""The numbers of guest instructions of all kernels."""
	return kept(f"guest-{mode}", f"{mode}.rom", lambda: run(f"guest, {mode}", f"{mode}.rom", [], lambda rom: PC + ["-bios", rom], ",met=1"))


def kept(name, payload, count):
	"""What count() returns, {kernel: Run}; it is called only once for a payload."""
	digest = hashlib.sha256()
	for file in (payload, "counter.so"):
		with open(os.path.join(OUT, file), "rb") as f:
			digest.update(f.read())
	path = os.path.join(OUT, f"{name}-{digest.hexdigest()[:16]}.json")
	if not os.path.exists(path):
		runs = {kernel: vars(r) for kernel, r in count().items()}
		with open(path, "w") as f:
			json.dump(runs, f)
	with open(path) as f:
		return {kernel: restored(fields) for kernel, fields in json.load(f).items()}


def restored(fields):
	r = Run.__new__(Run)
	vars(r).update(fields)
	return r
