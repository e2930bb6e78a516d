"""Linux whose shell starts programs for long, which map and unmap: fork, exec, pipes, a program with shared libraries, files. All must be right, the same work take no
longer in the last quarter of the time than in the second, the firmware's memory stay bounded, and the kernel have nothing to complain about.
"""
import hashlib

import churn, demo
from machine import PC, Machine

APPEND = "cache=8M profile"
# A block of work; what the guest prints of it.
BLOCK = 1
WORK = (f"for i in $(seq 1 {BLOCK}); do echo $i | cat | mawk '{{ print $1 * $1, exp(0) }}'; ($(true)); head -c 200000 /dev/zero > /tmp/z; cp /tmp/z /tmp/y; "
	"md5sum < /tmp/y; rm /tmp/y /tmp/z; done | md5sum")
ZEROS = hashlib.md5(bytes(200000)).hexdigest()
WANTED = hashlib.md5("".join(f"{i * i} 1\n{ZEROS}  -\n" for i in range(1, BLOCK + 1)).encode()).hexdigest()
FUNCTIONS = ("up() { u=$(cut -d' ' -f1 /proc/uptime); echo ${u%.*}${u#*.}; }; "
	     f"work() {{ {WORK}; }}; "
	     "quarter() { n=0; bad=0; s=$(up); e=$((s + $1 * 100)); while [ $(up) -lt $e ]; do [ \"$(work)\" = \"" + WANTED + "  -\" ] || bad=$((bad + 1)); "
	     "n=$((n + 1)); done; echo $n $bad $(($(up) - s)) $(cat $rtc) $(date +%s) $(cat $rtc); }; rtc=/sys/class/rtc/rtc0/since_epoch")
# Blocks of a quarter are not the same as those of another to the instruction: the guest's page cache, timers and writing back go on beside them, and the host's TLB replaces
# entries at random. So few of them may differ more.
GROWTH, GROWTH_OF_FEW, FEW = 1.05, 1.3, 4
COUNTERS = [name for name in churn.COUNTERS if "evict" not in name]
CHANCE = 2000


def print_profile(machine):
	"""At the prompt; returns the profile. The shell gets the keys, and knows no such command."""
	if PC:
		return {}
	machine.type(churn.PROFILE_KEYS + "\n")
	text = machine.expect(r"(?s)profile: begin.*?profile: end\n", 120, "profile").group(0).decode()
	machine.shell("true")
	return churn.profiles(text)[0]


def quarter(checks, machine, seconds, patience):
	"""(blocks of work done, hundredths of a second they took, profile behind them, by how much the kernel's clock is ahead of the CMOS clock at least and at most)."""
	output, _ = machine.shell(f"quarter {seconds}", patience)
	blocks, bad, took, rtc_before, clock, rtc_after = (int(word) for word in output.split())
	checks.same(f"{machine.name}: blocks with a wrong result, of {blocks}", bad, 0)
	return blocks, took, print_profile(machine), (clock - rtc_after - 1, clock - rtc_before + 1)


def check_growth(checks, name, before, quarters):
	took = [t / blocks for blocks, t, _, _ in quarters]
	growth = GROWTH if quarters[3][0] >= FEW else GROWTH_OF_FEW
	print(f"{name}: blocks {[q[0] for q in quarters]}, host instructions of one in each quarter: {[round(t * 1e7 / 64) for t in took]}", flush=True)
	checks.that(took[3] < growth * took[1], f"{name}: hundredths of a second of a block in each quarter: {took}")
	profile = [before, *(q[2] for q in quarters)]
	for counter in COUNTERS:
		rates = [(profile[k + 1].get(counter, 0) - profile[k].get(counter, 0)) / quarters[k][0] for k in range(churn.QUARTERS)]
		print(f"{name}: {counter}: {[round(r, 1) for r in rates]}", flush=True)
		checks.that(rates[3] < growth * rates[1] + CHANCE / quarters[3][0], f"{name}: {counter}, of a block in each quarter: {rates}")


def check_memory(checks, name, quarters):
	free = [q[2][churn.MEMORY] for q in quarters]
	print(f"{name}: {churn.MEMORY}: {free}; code pages at most {[q[2]['code pages at most'] for q in quarters]}", flush=True)
	checks.same(f"{name}: {churn.MEMORY}, at a quarter and at the end", free[3], free[0])


def check_clocks(checks, name, quarters):
	apart = [q[3] for q in quarters]
	checks.that(max(least for least, _ in apart) <= min(most for _, most in apart), f"{name}: seconds between the kernel's clock and the CMOS clock in each quarter: {apart}")


def processes(checks, disk, kind, seconds, patience):
	with Machine(f"processes-{kind}", disk, APPEND=APPEND, QEMU_ARGS=churn.QEMU) as machine:
		demo.reach_prompt(checks, machine, f"{kind} boots")
		machine.shell(FUNCTIONS)
		before = print_profile(machine)
		quarters = [quarter(checks, machine, seconds // churn.QUARTERS, patience) for _ in range(churn.QUARTERS)]
		if not PC:
			check_growth(checks, kind, before, quarters)
			check_memory(checks, kind, quarters)
		check_clocks(checks, kind, quarters)
		demo.check_kernel_log(checks, machine)
		demo.power_off(checks, machine)
