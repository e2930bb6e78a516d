"""Guest programs that run as the BIOS and print what they find, a line a check."""
import difflib, os, subprocess

from machine import Checks, Machine, scratch

GUEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guest")


def assemble(source, rom, *options):
	"""The ROM of an assembly file, which finds its own directory's and tests/lib/guest's files. Returns its path."""
	command = ["nasm", "-f", "bin", "-w-number-overflow", *options, "-i", os.path.dirname(source), "-i", GUEST, source, "-o", rom]
	subprocess.run(command, check=True)
	return rom


def started(name, rom, directory, **options):
	"""Our machine with this BIOS and an empty disk: use `with`."""
	disk = os.path.join(directory, "empty.img")
	with open(disk, "wb") as f:
		f.truncate(1 << 20)
	return Machine(name, disk, BIOS=rom, **options)


def both_payloads(test, judge, qemu_args=""):
	"""Runs tests/TEST/main.c on our machine as 32-bit and as 64-bit code: judge(checks, mode, lines) gets what it prints between the lines TEST and "done"."""
	checks = Checks()

	def run(checks, mode, directory):
		with started(f"{test}-{mode}", os.path.join(directory, f"{mode}.rom"), directory, **({"QEMU_ARGS": qemu_args} if qemu_args else {})) as machine:
			machine.expect(rf"^{test}$", 240, "begin of the program")
			text = machine.expect(r"(?s)\n(.*)^done$", 200, "end of the program").group(1).decode()
		judge(checks, mode, text.splitlines())

	with scratch() as directory:
		subprocess.run(["tests/lib/build-payload", directory, f"tests/{test}/main.c"], check=True)
		for mode in ("i386", "x86-64"):
			checks.attempt(run, mode, directory)
	return checks.end()


def lines_between(text, begin, end="done"):
	"""The lines behind the line `begin` up to the line `end`; none when they are not there."""
	return f"\n{text}".partition(f"\n{begin}\n")[2].partition(f"\n{end}\n")[0].splitlines()


def read_lines(path):
	with open(path) as f:
		return f.read().splitlines()


def write_lines(path, lines):
	with open(path, "w") as f:
		f.writelines(f"{line}\n" for line in lines)


def compare_with_bochs(checks, lines, expected, excuses=None):
	"""Every line of `expected` is among Bochs' lines, but those that begin like a line of the file `excuses` (# for comments); and no excuse is idle."""
	excused = [line for line in read_lines(excuses) if not line.startswith("#")] if excuses else []
	used = set()
	for line in difflib.ndiff(lines, expected, charjunk=None):
		if line.startswith("+ "):
			excuse = next((e for e in excused if line[2:].startswith(e)), None)
			used.add(excuse)
			checks.that(excuse is not None, f"Bochs does not say: {line[2:]}")
		elif line.startswith("  "):
			checks.that(True, "")
	for excuse in excused:
		checks.that(excuse in used, f"excused is what Bochs says, too: {excuse}")


def compare(checks, lines, expected):
	"""A check a line, and the difference in full."""
	for line in difflib.unified_diff(expected, lines, "expected.txt", "the machine", lineterm="", n=0):
		print(line)
	for number, line in enumerate(expected):
		checks.same(f"line {number + 1}", lines[number] if number < len(lines) else None, line)
	checks.same("number of lines", len(lines), len(expected))
