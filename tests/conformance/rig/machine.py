"""The machines that run the payload: our firmware on QEMU's LoongArch machine; and, as oracles, KVM, Bochs or QEMU's own PC.

Each run is given a vector file, which lies in the machine's RAM while it runs, and returns what was said on COM1 and the file as it was left.
"""
import contextlib, mmap, os, re, struct, subprocess, sys, tempfile, time

from . import vectorfile
from .output import Output

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "lib"))
import bochs

# RAM files are written at random and soon thrown away: they belong into memory.
RAM_DIRECTORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
FIRMWARE_RAM = 2 << 30
PC_RAM = 512 << 20
BOCHS_MEGS = 256
# Has all that our CPUID promises: POPCNT, MOVBE, AES, XSAVE, RDTSCP, FSGSBASE, INVPCID.
BOCHS_MODEL = "corei7_haswell_4770"
# Where the payload sees physical address 0 (VECTOR_KERNEL), and AT_END of payload/layout.h.
KERNEL = 0xc8000000
PAYLOAD_END = KERNEL + 0xffff8
# Longest times for a run, for the start of a machine up to its first case, and without one more case being done.
SECONDS = 600
START_SECONDS = 60
STALL_SECONDS = 20


EMULATION = "QEMU's emulation" # does without much that the CPU checks
running = set()


class MachineError(Exception):
	"""A machine did not come to the end of its run."""


def end_all():
	"""Ends the machines that other threads wait for."""
	for process in list(running):
		process.kill()


def ram_options(path, size):
	return ["-m", str(size >> 20), "-object", f"memory-backend-file,id=ram,size={size},mem-path={path},share=on"]


def firmware_command(build, ram):
	return ["qemu-system-loongarch64", "-M", "virt,memory-backend=ram", "-cpu", "la464", *ram_options(ram, FIRMWARE_RAM), "-nographic",
		"-nic", "none", "-no-reboot", "-kernel", build.firmware, "-initrd", build.rom]


def pc_command(build, ram):
	accelerator = ["-accel", "kvm", "-cpu", "host"] if has_kvm() else ["-accel", "tcg", "-cpu", "max"]
	return ["qemu-system-x86_64", "-M", "pc,memory-backend=ram", *accelerator, *ram_options(ram, PC_RAM), "-nographic", "-nic", "none",
		"-no-reboot", "-no-user-config", "-bios", build.rom]


def has_kvm():
	"""Whether KVM is the CPU itself: without VMX or SVM it emulates what the payload does, worse than Bochs."""
	with open("/proc/cpuinfo") as f:
		if not re.search(r"^flags\s*:.*\b(vmx|svm)\b", f.read(), re.MULTILINE):
			return False
	try:
		os.close(os.open("/dev/kvm", os.O_RDWR))
		return True
	except OSError:
		return False


def has_bochs():
	return any(os.access(os.path.join(d, "bochs"), os.X_OK) for d in os.environ.get("PATH", "").split(":"))


@contextlib.contextmanager
def started(command, output):
	"""A process that is gone when the block ends; end_all() ends it, too."""
	process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
	running.add(process)
	try:
		yield process
	finally:
		running.discard(process)
		process.kill()
		process.wait()


def wait_for(process, ram, stall):
	"""Waits for the end of a machine, which is told to end when it counts no more cases: one of them never ends, or the firmware has stopped."""
	counted, since, start = 0, time.monotonic(), time.monotonic()
	while process.poll() is None:
		now, cases = time.monotonic(), struct.unpack_from("<I", ram, vectorfile.PHYS + vectorfile.CASES_AT)[0]
		if cases != counted:
			counted, since = cases, now
		if now - since > (stall if cases else START_SECONDS) or now - start > SECONDS:
			return
		try:
			process.wait(0.2)
		except subprocess.TimeoutExpired:
			pass


def run_in_ram(build, command, size, data, stall=STALL_SECONDS):
	"""Runs a QEMU whose RAM is a file: (output text, vector file afterwards)."""
	with tempfile.NamedTemporaryFile(prefix="conformance.", dir=RAM_DIRECTORY) as ram, tempfile.TemporaryFile() as console:
		ram.truncate(size)
		ram.seek(vectorfile.PHYS)
		ram.write(data)
		ram.flush()
		with started(command(build, ram.name), console) as process, mmap.mmap(ram.fileno(), 0, access=mmap.ACCESS_READ) as memory:
			wait_for(process, memory, stall)
			process.kill()
			process.wait()
			console.seek(0)
			return console.read().decode(errors="replace").replace("\r", ""), memory[vectorfile.PHYS:vectorfile.PHYS + len(data)]


def run_in_bochs(build, data):
	with tempfile.TemporaryDirectory(prefix="conformance.", dir=RAM_DIRECTORY) as directory:
		left = os.path.join(directory, "left")
		command = bochs.prepare(build.rom, directory, model=BOCHS_MODEL, megs=BOCHS_MEGS, more=bochs.images(data, vectorfile.PHYS, directory),
					until=PAYLOAD_END, after=[f'writemem "{left}" 0x{KERNEL + vectorfile.PHYS:x} {len(data)}'])
		with started(command, subprocess.DEVNULL) as process:
			try:
				process.wait(SECONDS)
			except subprocess.TimeoutExpired:
				pass
		text = bochs.output(directory)
		if not os.path.exists(left):
			raise MachineError(f"Bochs did not leave the vectors:\n{text[-2000:]}")
		with open(left, "rb") as f:
			return text, f.read()


def oracle_name(size=0):
	"""The machine that records what the build machine's CPU cannot say in user mode, of a vector file of `size` bytes."""
	if has_kvm():
		return "KVM"
	return "Bochs" if has_bochs() and size <= bochs.IMAGES * bochs.BLOCK else EMULATION


def run_oracle(build, data):
	if oracle_name(len(data)) == "Bochs":
		return run_in_bochs(build, data)
	return run_in_ram(build, pc_command, PC_RAM, data)


def record(build, vectors):
	"""Has the oracle machine record the digests of its groups, when the file has such."""
	if not vectors.needs_machine():
		return
	vectors.prepare(vectorfile.RECORD)
	text, left = run_oracle(build, bytes(vectors.data))
	if not Output(text).finished:
		raise MachineError(f"{oracle_name(len(vectors.data))} did not come to the end of its recording:\n{text[-2000:]}")
	vectors.take_digests(left)


def check(build, vectors, report_limit, stall):
	"""Runs all cases in our firmware: what it says, and the header with the numbers of cases done and failed."""
	vectors.prepare(vectorfile.CHECK, report_limit)
	text, left = run_in_ram(build, firmware_command, FIRMWARE_RAM, bytes(vectors.data), stall)
	return Output(text), vectorfile.Header(*vectorfile.HEADER.unpack_from(left))


def explain_by_oracle(build, vectors, group, state):
	"""The final state of one case on the oracle machine, as {name: value}."""
	vectors.prepare(vectorfile.EXPLAIN, explain=(group, state))
	return Output("differs 0 0 digest 0 want 0\n" + run_oracle(build, bytes(vectors.data))[0]).differences[0].fields
