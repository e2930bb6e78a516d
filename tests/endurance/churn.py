"""Address spaces, pages and code that come and go for long (churn/): that all of it is right, that the same work takes no longer in the last quarter of the time
than before, that the firmware's memory stays bounded, and that the machine's clocks agree.

An instruction of the host takes 64 ns of the machine's time (-icount), so that an hour is 56 G of them; what it takes is thereby counted in instructions.
"""
import os, re, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import rom
from machine import PC

MODES = ("i386", "x86-64")
QEMU = "-icount shift=6,sleep=off -seed 1 -rtc base=2025-01-01T00:00:00,clock=vm"
# A cache that is full before the first quarter is over.
APPEND = "cache=8M profile"
LENGTH = b"SECONDS:00000"
QUARTERS = 4
DAY = 86400
TIMER_HZ = 1e9
# What the keys are at which the firmware prints its profile.
PROFILE_KEYS = "\x1d\x1dp"
# How much more the last quarter may take than the second, for the same work; the first makes translations that the others find.
GROWTH = 1.03
# Counters of the profile to which that applies, if they are not small, and a number for chance.
COUNTERS = ("exits by themselves: stops, helpers that end a region", "exits to be linked", "exits of indirect jumps in 64-bit code",
	    "traps: page not in the software TLB, or not by a plain access", "traps: store to a read-only or code page", "walks of the guest's page tables",
	    "changes of the address space, flushes", "calls of helpers", "refills of the host's TLB", "lookups by the dispatcher", "regions translated",
	    "host instructions for them", "regions that died: source changed, or to be larger", "pages that became mixed", "evictions", "regions evicted")
CHANCE = 50
MEMORY = "bytes of the firmware's memory not in use"
CACHE = 8 << 20
CODE_PAGES = 2300 # all that the program has, and its own


def build(directory):
	subprocess.run(["tests/lib/build-payload", directory, "tests/endurance/function.c", *sources(), "bench/x86/pci.c"], check=True)


def sources():
	return sorted(os.path.join("tests/endurance/churn", f) for f in os.listdir(os.path.join(HERE, "churn")) if f.endswith(".c"))


def image(directory, mode, seconds):
	path = os.path.join(directory, f"{mode}.rom")
	with open(path, "rb") as f:
		data = f.read()
	assert data.count(LENGTH) == 1
	with open(path, "wb") as f:
		f.write(data.replace(LENGTH, b"SECONDS:%05d" % seconds))
	return path


def intervals(text):
	"""What each line of an interval says, by name."""
	lines = re.findall(r"^interval \d+: (.*)$", text, re.MULTILINE)
	return [{name: int(value, 16) for name, value in re.findall(r"(\w+) ([0-9a-f]+)", line)} for line in lines]


def profiles(text):
	"""{name: number} of each profile printed."""
	return [{name: int(n) for n, name in re.findall(r"^profile: +(\d+) ([a-z].*)$", part, re.MULTILINE)} for part in text.split("profile: begin")[1:]]


def run(checks, directory, mode, seconds, patience, name):
	"""Returns (text up to the end of the program, text of the end, number of intervals before each quarter)."""
	with rom.started(name, image(directory, mode, seconds), directory, APPEND=APPEND, QEMU_ARGS=QEMU) as machine:
		units = machine.expect(r"churn: begin\nunits: (.*)\n", 60, "begin of the program").group(1).decode()
		machine.type(PROFILE_KEYS * QUARTERS)
		text = machine.expect(r"(?s)(.*)^done\n", patience, "end of the program").group(1).decode()
		if not PC:
			checks.same(f"{mode}: exit status", machine.status(60), 0)
		return {k: int(v, 16) for k, v in re.findall(r"(\w+) ([0-9a-f]+)", units)}, text, machine.output.decode()


def seconds_of(line, units):
	return line["pm"] + line["rest"] / units["pm"]


def check_clocks(checks, mode, got, units):
	"""The clocks of a line are read one after the other, some milliseconds apart."""
	begin, end = got[0], got[-1]
	for name, rate in ("tsc", end["tsc"] / seconds_of(end, units)), ("hpet", 1e15 / units["hpet"]):
		wrong = max(abs((line[name] - begin[name]) / rate - seconds_of(line, units) + seconds_of(begin, units)) for line in got)
		checks.that(wrong < 0.05, f"{mode}: {name} and the PM timer differ by {wrong:.3f} s")
	by_cmos, by_pm = cmos_seconds(end) - cmos_seconds(begin), seconds_of(end, units) - seconds_of(begin, units)
	checks.that(abs((by_cmos - by_pm + DAY / 2) % DAY - DAY / 2) < 2, f"{mode}: by the CMOS {by_cmos} s, by the PM timer {by_pm:.1f} s")


def cmos_seconds(line):
	hours, minutes, seconds = re.findall("..", f"{line['cmos']:06x}")
	return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def check_interrupts(checks, mode, parts, units):
	"""No interrupt of the counting timer is lost, but while the firmware prints."""
	for part in parts:
		counted = (part[-1]["apic"] - part[0]["apic"]) * units["apic"] / TIMER_HZ
		passed = seconds_of(part[-1], units) - seconds_of(part[0], units)
		checks.that(abs(counted - passed) < 0.12, f"{mode}: by interrupts {counted:.3f} s, by the PM timer {passed:.3f} s")


def check_work(checks, mode, got):
	checks.that(len(got) >= QUARTERS, f"{mode}: intervals: {len(got)}")
	checks.same(f"{mode}: page faults of each interval", {line["faults"] for line in got}, {got[0]["faults"]})
	checks.same(f"{mode}: sums that come again", len(got) - len({line["sum"] for line in got}), 0)


def rates(before, after, lines):
	return {name: (after.get(name, 0) - before.get(name, 0)) / lines for name in COUNTERS}


def check_growth(checks, mode, parts, profile):
	"""`profile` was printed at the begin of each part and at the end."""
	took = [sum(line["took"] for line in part) / len(part) for part in parts]
	print(f"{mode}: intervals {[len(part) for part in parts]}, host instructions of one in each quarter: {[round(t / 64) for t in took]}", flush=True)
	checks.that(took[3] < GROWTH * min(took[:3]), f"{mode}: what the same work takes in each quarter: {took}")
	quarters = [rates(profile[k], profile[k + 1], len(part)) for k, part in enumerate(parts)]
	for name in COUNTERS:
		values = [q[name] for q in quarters]
		if max(values) * len(parts[3]) > CHANCE:
			print(f"{mode}: {name}: {[round(v, 1) for v in values]}", flush=True)
		checks.that(values[3] * len(parts[3]) <= GROWTH * values[1] * len(parts[3]) + CHANCE, f"{mode}: {name}, of each interval in each quarter: {values}")


def check_memory(checks, mode, profile):
	quarter, end = profile[1], profile[-1]
	print(f"{mode}: {MEMORY}: {[p[MEMORY] for p in profile]}; code pages {[p['code pages in the cache'] for p in profile]}", flush=True)
	checks.same(f"{mode}: {MEMORY}, at a quarter and at the end", end[MEMORY], quarter[MEMORY])
	checks.that(end["bytes of code in the cache"] <= CACHE, f"{mode}: bytes of code: {end['bytes of code in the cache']}")
	checks.that(end["code pages at most"] <= CODE_PAGES, f"{mode}: code pages at most: {end['code pages at most']}")


def churn(checks, directory, mode, seconds, patience, growth):
	"""Returns the sums of the intervals."""
	units, text, rest = run(checks, directory, mode, seconds, patience, f"churn-{mode}")
	got = intervals(text)
	check_work(checks, mode, got)
	if PC:
		return [line["sum"] for line in got]
	parts = [intervals(part) for part in re.split(r"^quarter \d\n", text, flags=re.MULTILINE)[1:]]
	check_clocks(checks, mode, got, units)
	check_interrupts(checks, mode, parts, units)
	profile = profiles(text + rest)
	checks.same(f"{mode}: profiles printed", len(profile), QUARTERS + 1)
	check_memory(checks, mode, profile)
	if growth:
		check_growth(checks, mode, parts, profile)
	return [line["sum"] for line in got]


def both(checks, directory, seconds, patience, growth):
	build(directory)
	sums = [churn(checks, directory, mode, seconds, patience, growth) for mode in MODES]
	n = min(len(s) for s in sums)
	checks.same("sums of 32-bit and 64-bit code", sums[0][:n], sums[1][:n])
