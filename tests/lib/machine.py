"""A machine under test with its serial console on a pipe: the firmware on QEMU's LoongArch machine, or, to check the tests and the demo
guest themselves, QEMU's own PC (MACHINE=pc in the environment).
"""
import os, re, selectors, shutil, signal, subprocess, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT = os.path.join(os.environ.get("O", "build"), "tests")
PC = os.environ.get("MACHINE", "") == "pc"
# For slow hosts: all waiting times are multiplied by this.
PATIENCE = float(os.environ.get("PATIENCE", "1"))
ESCAPE = re.compile(rb"\x1b(\[[0-9;?=]*[A-Za-z]|[()][A-Z0-9]|[=>78])")
KERNEL_LINE = re.compile(r"^\[ *\d+\.\d+\] .*\n", re.MULTILINE)
PROMPT = r"demo# "
# After these words nothing more is to be expected.
DEAD = re.compile(rb"The machine stops here|Kernel panic - not syncing|No bootable device")

# Those of the demo guests whose disk is not mkguest's.
DISK_MAKERS = {"debian": "tools/mkdebian", "memtest": "tools/mkpayload", "ipxe": "tools/mkpayload"}
PC_DISK = {
	"virtio": ["-device", "virtio-blk-pci,drive=disk"],
	"ahci": ["-device", "ahci,id=ahci", "-device", "ide-hd,bus=ahci.0,drive=disk"],
	"nvme": ["-device", "nvme,serial=disk,drive=disk"],
	"usb": ["-device", "qemu-xhci,id=usb", "-device", "usb-storage,bus=usb.0,drive=disk"],
}


class Failure(Exception):
	"""What was expected did not happen; the text says what, and shows the end of the console's output."""


def pc_command(disk, options):
	command = ["qemu-system-x86_64", "-nographic", "-nic", "none", "-m", options.get("MEM", "512"), "-no-user-config",
		   "-drive", f"if=none,id=disk,format=raw,file={disk}", *PC_DISK[options.get("DISKIF", "virtio")]]
	return command + (["-bios", options["BIOS"]] if "BIOS" in options else [])


class Machine:
	"""`make run` with the given options (DISK=..., EFI="1" ...). close() must be called; use `with`."""

	def __init__(self, name, disk, **options):
		self.output, self.name = b"", name
		self.log = open(os.path.join(OUT, f"{name}.console"), "wb")
		environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
		command = ["make", "--no-print-directory", "run", f"DISK={disk}", *(f"{k}={v}" for k, v in options.items())]
		self.process = subprocess.Popen(pc_command(disk, options) if PC else command, cwd=ROOT, env=environment,
						stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
						start_new_session=True)
		os.set_blocking(self.process.stdout.fileno(), False)
		self.selector = selectors.DefaultSelector()
		self.selector.register(self.process.stdout, selectors.EVENT_READ)
		self.ended = False

	def __enter__(self):
		return self

	def __exit__(self, *error):
		self.close()

	def close(self):
		"""Ends whatever of the machine still runs: its whole process group, which is ours alone."""
		for number in (signal.SIGTERM, signal.SIGKILL):
			try:
				os.killpg(self.process.pid, number)
				self.process.wait(5)
			except (ProcessLookupError, subprocess.TimeoutExpired):
				pass
		self.log.close()

	def fail(self, what):
		tail = self.output[-3000:].decode(errors="replace")
		raise Failure(f"{self.name}: {what}. The console's last words:\n{tail}")

	def read(self, seconds):
		"""Waits for output and takes what is there."""
		if not self.selector.select(seconds):
			return
		data = os.read(self.process.stdout.fileno(), 65536)
		if not data:
			self.ended = True
		self.log.write(data)
		self.log.flush()
		self.output = ESCAPE.sub(b"", self.output + data.replace(b"\r", b""))

	def expect(self, pattern, seconds, what=None):
		"""Waits until the output matches, and forgets it up to the end of the match, which is returned."""
		expression = re.compile(pattern.encode(), re.MULTILINE)
		deadline = time.monotonic() + seconds * PATIENCE
		while True:
			match = expression.search(self.output)
			if match:
				self.output = self.output[match.end():]
				return match
			left = deadline - time.monotonic()
			dead = DEAD.search(self.output)
			if dead:
				self.fail(f"'{dead.group().decode()}' before {what or pattern!r}")
			if self.ended:
				self.fail(f"ended before {what or pattern!r}")
			if left <= 0:
				self.fail(f"no {what or repr(pattern)} after {seconds * PATIENCE:.0f} s")
			self.read(left)

	def type(self, text):
		os.write(self.process.stdin.fileno(), text.encode())

	def shell(self, command, seconds=60):
		"""Runs a line in the guest's shell: its output, without the kernel's messages, and its status. The prompt must have been read."""
		# The marks are taken apart by quotes, so that the echo of what is typed does not hold them.
		self.type(f"echo 'BE''GIN'; {command}; echo EN''D-$?-\n")
		self.expect(r"^BEGIN\n", seconds, f"start of '{command}'")
		match = self.expect(r"(?s)(.*?)END-(\d+)-\n", seconds, f"end of '{command}'")
		self.expect(PROMPT, seconds, "prompt")
		return KERNEL_LINE.sub("", match.group(1).decode(errors="replace")), int(match.group(2))

	def status(self, seconds):
		"""Waits for the end; the exit status of make run, which is QEMU's."""
		deadline = time.monotonic() + seconds * PATIENCE
		while not self.ended and time.monotonic() < deadline:
			self.read(deadline - time.monotonic())
		try:
			return self.process.wait(5)
		except subprocess.TimeoutExpired:
			self.fail(f"still running after {seconds * PATIENCE:.0f} s")


def told_to_end(number, frame):
	raise SystemExit(f"ended by signal {number}")


# So that `with` blocks end their machines.
signal.signal(signal.SIGTERM, told_to_end)


class Checks:
	"""Counts what passed and what did not, and says the latter at once."""

	def __init__(self):
		self.passed = self.failed = 0

	def that(self, good, what):
		if good:
			self.passed += 1
		else:
			self.failed += 1
			print(f"FAILED: {what}", flush=True)

	def same(self, what, got, expected):
		self.that(got == expected, f"{what}: got {got!r}, expected {expected!r}")

	def attempt(self, function, *arguments):
		"""Calls a group of checks; one that ends in a Failure counts as one failed check."""
		try:
			function(self, *arguments)
		except Failure as failure:
			self.that(False, str(failure))

	def end(self):
		print(f"{self.passed} passed, {self.failed} failed")
		return 1 if self.failed or not self.passed else 0


def demo_disk(directory, kind="i386"):
	"""A fresh copy of a demo guest's disk (`make run GUEST=kind`) as the tree makes it, in `directory`."""
	master = os.path.join(OUT, f"guest-{kind}.img")
	maker = DISK_MAKERS.get(kind, "tools/mkguest")
	sources = [maker, "tools/mkdisk"] + [os.path.join("tools/guest", f) for f in os.listdir(os.path.join(ROOT, "tools/guest"))]
	newest = max(os.path.getmtime(os.path.join(ROOT, f)) for f in sources)
	os.makedirs(OUT, exist_ok=True)
	if not os.path.exists(master) or os.path.getmtime(master) < newest:
		subprocess.run([maker, master, kind], cwd=ROOT, check=True)
	copy = os.path.join(directory, "disk.img")
	shutil.copyfile(master, copy)
	return copy


def scratch():
	"""A temporary directory that removes itself: use `with`."""
	os.makedirs(OUT, exist_ok=True)
	return tempfile.TemporaryDirectory(prefix="machine.", dir=OUT)
