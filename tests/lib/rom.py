"""Guest programs that run as the BIOS and print what they find, a line a check."""
import difflib, os, subprocess

from machine import Checks, Machine, scratch

GUEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guest")
# What build_payloads() makes, and a CPU of Bochs' that runs it.
PAYLOADS = {"i386": "p4_willamette", "x86-64": "corei5_arrandale_m520"}


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


def printed(name, begin, program, directory, seconds, **options):
	"""The lines that a program prints between the lines `begin` and "done", which comes within `seconds` of the former, on our machine: options as for started()."""
	with started(name, program, directory, **options) as machine:
		machine.expect(rf"^{begin}$", 240, "begin of the program")
		return machine.expect(r"(?s)\n(.*)^done$", seconds, "end of the program").group(1).decode().splitlines()


def build_payloads(test, directory):
	"""Makes i386.rom and x86-64.rom of all sources in tests/TEST."""
	sources = [os.path.join("tests", test, name) for name in sorted(os.listdir(os.path.join("tests", test))) if name.endswith((".c", ".S"))]
	subprocess.run(["tests/lib/build-payload", directory, *sources], check=True)


def both_payloads(test, judge, **options):
	"""Runs tests/TEST on our machine, options as for started(), as 32-bit and as 64-bit code: judge(checks, mode, lines) gets what it prints between the lines TEST and "done"."""
	checks = Checks()

	def run(checks, mode, directory):
		judge(checks, mode, printed(f"{test}-{mode}", test, os.path.join(directory, f"{mode}.rom"), directory, 200, **options))

	with scratch() as directory:
		build_payloads(test, directory)
		for mode in PAYLOADS:
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
