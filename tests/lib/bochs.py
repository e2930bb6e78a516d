"""Bochs as an oracle of the whole machine: an interpreter that checks what QEMU's translator leaves out (segment limits, for one).

run() starts a ROM and returns what it wrote to COM1; prepare() and output() are for who waits himself. Bochs ends when the ROM turns the power off through ACPI.
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


# Bochs' memory comes in such blocks, and an image must not cross them; it takes so many images.
BLOCK = 128 << 10
IMAGES = 4


def images(data, address, directory):
	"""Configuration for prepare()'s `more` that puts data, at most IMAGES blocks, to a physical address that is a multiple of BLOCK."""
	assert len(data) <= IMAGES * BLOCK
	lines = []
	for k in range(0, len(data), BLOCK):
		path = os.path.join(os.path.abspath(directory), f"image{k // BLOCK}")
		with open(path, "wb") as f:
			f.write(data[k:k + BLOCK])
		lines.append(f"optramimage{k // BLOCK + 1}: file={path}, address=0x{address + k:x}")
	return "\n".join(lines)


def prepare(rom, directory, model="p4_willamette", megs=256, more="", until=None, after=()):
	"""The command that starts a machine with ROM file `rom`, whose files go to `directory`. `more` are lines of configuration, `after` commands of
	Bochs' debugger for the end (`writemem "FILE" ADDRESS LENGTH`). output() is for afterwards."""
	directory = os.path.abspath(directory)
	if os.path.exists(os.path.join(directory, "com1")):
		os.remove(os.path.join(directory, "com1"))
	with open(os.path.join(directory, "bochsrc"), "w") as f:
		f.write(CONFIG.format(rom=os.path.abspath(rom), directory=directory, model=model, megs=megs, more=more))
	with open(os.path.join(directory, "commands"), "w") as f:
		f.write("\n".join([*([f"lb {until:#x}"] if until else []), "c", *after, "q", ""]))
	# It wants a terminal to draw its screen on.
	return ["script", "-qc", f"TERM=xterm exec bochs -q -f {directory}/bochsrc -rc {directory}/commands", "/dev/null"]


def output(directory):
	"""COM1's text."""
	try:
		with open(os.path.join(directory, "com1"), "rb") as f:
			return f.read().replace(b"\r", b"").decode(errors="replace")
	except FileNotFoundError:
		return ""


def run(rom, directory, seconds, **options):
	"""COM1's text of a machine; options as for prepare()."""
	subprocess.run(["timeout", "-k", "5", str(seconds), *prepare(rom, directory, **options)], stdin=subprocess.DEVNULL,
		       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
	return output(directory)
