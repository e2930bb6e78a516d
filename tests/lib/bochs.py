"""Bochs as an oracle of the whole machine: an interpreter that checks what QEMU's translator leaves out (segment limits, for one).

run() starts a ROM and returns what it wrote to COM1. Bochs ends when the ROM turns the power off through ACPI.
"""
import os, subprocess

CONFIG = """\
display_library: term
plugin_ctrl: unmapped=1, biosdev=0, speaker=0, extfpuirq=1, parallel=0, serial=1
megs: {megs}
romimage: file={rom}
vgaromimage: file=/usr/share/vgabios/vgabios.bin
cpu: model={model}, count=1, ips=50000000, reset_on_triple_fault=0, ignore_bad_msrs=0
com1: enabled=1, mode=file, dev={directory}/com1
ata0: enabled=0
mouse: enabled=0
sound: waveoutdrv=dummy
log: {directory}/log
panic: action=fatal
{more}
"""


def run(rom, directory, seconds, model="p4_willamette", megs=256, more="", after=()):
	"""COM1's text of a machine with ROM file `rom`; files go to `directory`. `more` are lines of configuration, `after` commands of
	Bochs' debugger for the end (`writemem "FILE" ADDRESS LENGTH`)."""
	directory = os.path.abspath(directory)
	serial = os.path.join(directory, "com1")
	if os.path.exists(serial):
		os.remove(serial)
	with open(os.path.join(directory, "bochsrc"), "w") as f:
		f.write(CONFIG.format(rom=os.path.abspath(rom), directory=directory, model=model, megs=megs, more=more))
	with open(os.path.join(directory, "commands"), "w") as f:
		f.write("\n".join(["c", *after, "q", ""]))
	# It wants a terminal to draw its screen on.
	command = f"bochs -q -f {directory}/bochsrc -rc {directory}/commands"
	subprocess.run(["timeout", "-k", "5", str(seconds), "script", "-qc", command, "/dev/null"], stdin=subprocess.DEVNULL,
		       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "TERM": "xterm"})
	with open(serial, "rb") as f:
		return f.read().replace(b"\r", b"").decode(errors="replace")
