"""Says what fails: guest and host code, the initial state, what was expected and what came out, and the line for cases.txt."""
import os, re, subprocess

from . import chunk, machine
from .vectorfile import MACHINE, MODES, VectorFile

REGISTER = re.compile(r"\b(?:(?P<r64>r(?:[abcd]x|[sd]i|[sb]p|\d+))|(?P<r32>e(?:[abcd]x|[sd]i|[sb]p)|r\d+d)|(?P<r16>[abcd]x|[sd]i|[sb]p|r\d+w)|"
		      r"(?P<r8>[abcd][lh]|(?:si|di|sp|bp)l|r\d+b)|(?P<mm>mm\d)|(?P<xmm>xmm\d+)|(?P<st>st\(\d\))|(?P<sreg>[c-gs]s))\b")
NUMBER = re.compile(r"(?<![\w(])[-+]?0x[0-9a-f]+\b")
MEMORY = re.compile(r"\[[^]]*\]")


def form(text):
	"""An instruction without what its form does not depend on: "add eax,[ebx+4]" becomes "add r32,m"."""
	text = MEMORY.sub("m", text)
	return NUMBER.sub("n", REGISTER.sub(lambda match: match.lastgroup, text))


def disassemble_host(directory, words):
	"""Text of host instructions, a line each."""
	source, object_file = os.path.join(directory, "host.s"), os.path.join(directory, "host.o")
	with open(source, "w") as f:
		f.writelines(f".word 0x{word}\n" for word in words)
	subprocess.run(["clang-19", "--target=loongarch64", "-c", source, "-o", object_file], check=True)
	text = subprocess.run(["llvm-objdump-19", "-d", "--mattr=+lsx,+d,+f,+ual", "--no-show-raw-insn", object_file], check=True, stdout=subprocess.PIPE,
			      text=True).stdout
	lines = re.findall(r"^ *[0-9a-f]+: *\t(.*)$", text, re.MULTILINE)
	return [re.sub(r"\s+", " ", re.sub(r"<.*", "", line)).strip() for line in lines]


def translate(build, mode, code):
	"""[(guest instruction, [host words])] of a piece of code, made by our translator."""
	said = subprocess.run([build.hostcode], input=f"{mode} {code.hex()}\n", stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
	result = []
	for line in said:
		if line.startswith("insn "):
			result.append((line.split(" ", 2)[2], []))
		elif line.startswith("word "):
			result[-1][1].append(line.split()[1])
	return result


class Case:
	"""A failing case with all that can be said about it."""

	def __init__(self, build, failure):
		self.build, self.failure = build, failure
		self.vectors = VectorFile(failure.path)
		self.group = self.vectors.group(failure.group)
		self.mode, self.code = MODES[self.group.mode], self.vectors.code(self.group)
		self.host = translate(build, self.mode, self.code)
		self.line, self.states = "", {"initial": {}, "expected": {}}

	def explain(self):
		"""Finds out the states and the line for cases.txt."""
		failure, part = self.failure, None
		for line in chunk.vectors_program(self.build, "explain", failure.path, failure.group, failure.state):
			name, _, value = line.partition(" ")
			if name in self.states:
				part = self.states[name]
			else:
				part[name] = value
		self.line = " ".join(chunk.vectors_program(self.build, "case", failure.path, failure.group, failure.state))
		if self.group.oracle == MACHINE:
			self.states["expected"] = machine.explain_by_oracle(self.build, self.vectors, self.failure.group, self.failure.state)

	def signature(self):
		return self.failure.kind, tuple(form(text) for text, _ in self.host) or self.code

	def title(self):
		return f"{self.mode}: " + "; ".join(text for text, _ in self.host)

	def differing(self):
		"""(name, initial, expected, got) of the fields that are not as expected."""
		got, want = self.failure.fields, self.states["expected"]
		for name, value in got.items():
			if name in want and not same(value, want[name]):
				yield name, self.states["initial"].get(name, "-"), want[name], value

	def text(self):
		yield f"FAILED: {self.title()} ({self.failure.kind}; {self.failure.count} such groups)"
		host = iter(disassemble_host(self.build.directory, [word for _, words in self.host for word in words]))
		for guest, words in self.host:
			yield f"    {guest}"
			yield from (f"        {next(host, '?')}" for _ in words)
		yield "  " + " ".join(f"{name} {value}" for name, value in self.states["initial"].items() if len(value) <= 20)
		for name, initial, want, got in self.differing():
			yield from differing_field(name, initial, want, got)
		if self.failure.kind != "differs":
			yield from (f"    {value}" for value in self.failure.fields.values())
		yield f"  case {self.line}"


def same(one, other):
	return one == other or len(one) <= 16 and len(other) <= 16 and int(one, 16) == int(other, 16)


def differing_field(name, initial, want, got):
	"""Of long fields only the bytes from the first to the last that differ are shown."""
	if len(want) <= 40 or len(want) != len(got):
		yield f"  {name}: initial {initial}, expected {want}, got {got}"
		return
	bad = [k for k in range(0, len(want), 2) if want[k:k + 2] != got[k:k + 2]]
	first, end = bad[0], bad[-1] + 2
	yield f"  {name} from byte {first // 2}: initial {initial[first:end]}, expected {want[first:end]}, got {got[first:end]}"


def gather(build, failures):
	"""Failures with the same instruction forms are one, which counts them: [Case], those with the shortest code first."""
	found = {}
	for failure in failures:
		case = Case(build, failure)
		known = found.setdefault(case.signature(), case)
		if known is not case:
			known.failure.count += failure.count
	return sorted(found.values(), key=lambda case: len(case.code))
