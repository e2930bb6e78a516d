"""What tests ask the demo guest (tools/mkguest) by its shell: functions of (Checks, Machine), whose prompt must have been read."""
import hashlib, math, time

from machine import PROMPT

BOOT_SECONDS = 600
NUMBERS = "".join(f"{n}\n" for n in range(1, 150001)).encode()
SAVED = "".join(f"{n}\n" for n in range(1, 20001)).encode()

# Shell command, and what it prints.
ARITHMETIC = [
	("echo $((123456789 * 987654321 % 1000000007))", 123456789 * 987654321 % 1000000007),
	("echo $((-1234567890123 / 1000003)) $((-1234567890123 % 1000003))", "-1234564 -186431"),
	("echo $(( (1 << 62) - (1 << 31) >> 7 )) $((0x7fffffff ^ 0x55555555))", f"{((1 << 62) - (1 << 31)) >> 7} {0x7fffffff ^ 0x55555555}"),
	("expr 65537 '*' 65539 % 99991 + 7", 65537 * 65539 % 99991 + 7),
	("seq 1 3000 | awk '{ s += $1 * $1 } END { print s }'", sum(n * n for n in range(3001))),
	("awk 'BEGIN { for (i = 1; i <= 2000; i++) s += 1 / i; printf \"%.11f\\n\", s }'", f"{sum(1 / n for n in range(1, 2001)):.11f}"),
	("mawk 'BEGIN { printf \"%.15f %.6e %.3f\\n\", sqrt(2), 1e300 * 1e-305, 2 ^ 40 / 3 }'",
	 f"{math.sqrt(2):.15f} {1e300 * 1e-305:.6e} {2 ** 40 / 3:.3f}"),
	("mawk 'BEGIN { printf \"%.11f %.11f %.11f\\n\", atan2(1, 1) * 4, exp(1), log(10) }'",
	 f"{math.pi:.11f} {math.e:.11f} {math.log(10):.11f}"),
	("mawk 'BEGIN { for (i = 0; i < 200; i++) s += sin(i) * cos(i / 7) + sqrt(i) % 1; printf \"%.9f\\n\", s }'",
	 f"{sum(math.sin(i) * math.cos(i / 7) + math.sqrt(i) % 1 for i in range(200)):.9f}"),
	("i=0; s=0; while [ $i -lt 500 ]; do i=$((i + 1)); s=$((s + i * i)); done; echo $s", sum(n * n for n in range(501))),
]


def sha256(data):
	return hashlib.sha256(data).hexdigest()


def reach_prompt(checks, machine, what):
	machine.expect(r"Demo guest: Linux", BOOT_SECONDS, "greeting of the demo guest")
	machine.expect(PROMPT, 60, "prompt")
	checks.that(True, what)


def check_arithmetic(checks, machine):
	for command, expected in ARITHMETIC:
		output, status = machine.shell(command)
		checks.same(command, (output.strip(), status), (str(expected), 0))


def check_reading(checks, machine):
	output, _ = machine.shell("sha256sum /data/numbers.txt")
	checks.same("checksum of a file on the disk", output.split()[:1], [sha256(NUMBERS)])
	output, _ = machine.shell("cp /data/numbers.txt /tmp/copy && cmp /tmp/copy /data/numbers.txt && wc -c < /tmp/copy")
	checks.same("comparison of a file on the disk", output.strip(), str(len(NUMBERS)))


def interrupts(machine):
	"""(timer, disk): the sums of the counts of the lines in /proc/interrupts that are about them."""
	timer = disk = 0
	for line in machine.shell("cat /proc/interrupts")[0].splitlines():
		words = line.split()
		if len(words) < 2 or not words[1].isdigit():
			continue
		if words[0] == "LOC:" or words[-1] == "timer":
			timer += int(words[1])
		elif any(name in line for name in ("virtio", "ahci", "nvme", "hcd")):
			disk += int(words[1])
	return timer, disk


def check_interrupts(checks, machine):
	timer, disk = interrupts(machine)
	started = time.monotonic()
	machine.shell("echo 3 > /proc/sys/vm/drop_caches; cat /data/numbers.txt > /dev/null; sleep 1")
	took = time.monotonic() - started
	timer_after, disk_after = interrupts(machine)
	checks.that(timer_after > timer + 10, f"timer interrupts: {timer}, after at least a second {timer_after}")
	checks.that(disk_after > disk, f"disk interrupts: {disk}, after reading a file {disk_after}")
	checks.that(took >= 0.9, f"'sleep 1' took {took:.2f} s")


def check_power_button(checks, machine):
	"""The firmware's key presses it. The guest has no driver for it: the event stays set in PM1_STS, as the kernel shows it."""
	event = "cat /sys/firmware/acpi/interrupts/ff_pwr_btn"
	checks.that("STS" not in machine.shell(event)[0], "nobody has pressed the power button")
	machine.type("\x1d\x1db\n")
	checks.that("STS" in machine.shell(event)[0], "Ctrl-] Ctrl-] b presses the power button")


def check_time(checks, machine):
	output, _ = machine.shell("date -u +%s; sleep 3; date -u +%s")
	first, second = (int(word) for word in output.split())
	checks.that(abs(first - time.time()) < 120, f"the guest's clock says {first}, the host's {time.time():.0f}")
	checks.that(3 <= second - first <= 20, f"the guest's clock went from {first} to {second} in three seconds")


def check_kernel_log(checks, machine):
	output, _ = machine.shell("dmesg | grep -E 'BUG|Oops|Call Trace|WARNING:|soft lockup|irq .*nobody cared|unable to handle'")
	checks.same("complaints in the kernel's log", output, "")


def check_high_memory(checks, machine):
	"""Linux takes memory above 4 GiB first: that it has some, and that a file of 150 MiB written there is read again."""
	pages = "awk '/zone +Normal/ { normal = 1 } normal && /nr_free_pages/ { print $2; exit }' /proc/zoneinfo"
	before, status = machine.shell(pages)
	checks.that(status == 0 and int(before or 0) * 4 > 3 << 20, f"4-KiB pages above 4 GiB: {before.strip()}")
	output, _ = machine.shell("mount -t tmpfs tmpfs /tmp; for i in $(seq 1 150); do cat /data/numbers.txt; done > /tmp/file; md5sum /tmp/file", 300)
	checks.same("checksum of a file in memory", output.split()[:1], [hashlib.md5(NUMBERS * 150).hexdigest()])
	after, _ = machine.shell(f"{pages}; rm /tmp/file; umount /tmp")
	taken = (int(before or 0) - int(after or 0)) * 4096
	checks.that(taken >= len(NUMBERS) * 150, f"bytes that the file took above 4 GiB: {taken}")


def check_processes(checks, machine):
	output, _ = machine.shell("for i in $(seq 1 40); do (exit $((i % 3))) || echo $i; done | wc -l", 120)
	checks.same("40 processes", output.strip(), str(sum(1 for i in range(1, 41) if i % 3)))


def write_file(checks, machine):
	output, status = machine.shell("seq 1 20000 > /data/saved && sync && sha256sum /data/saved")
	checks.same("writing a file", (output.split()[:1], status), ([sha256(SAVED)], 0))


def check_saved_file(checks, machine):
	output, _ = machine.shell("sha256sum /data/saved; rm /data/saved; ls /data")
	checks.same("a file written before the reboot", output.split()[:1], [sha256(SAVED)])


def check_compat(checks, machine):
	"""A 32-bit program under a 64-bit kernel."""
	output, status = machine.shell("d=$(findfs LABEL=data); s=/sys/class/block/${d#/dev/}; compat32 $d $(cat $s/start $s/size)")
	checks.that(status == 0 and ", 0 failed" in output, f"compat32: status {status}, {output!r}")


def power_off(checks, machine):
	machine.type("poweroff\n")
	checks.same("exit status after poweroff", machine.status(90), 0)
