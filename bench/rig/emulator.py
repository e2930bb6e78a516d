"""QEMU's own x86 emulation on LoongArch, under the counting plugin: Debian's qemu-system-i386 and qemu-system-x86_64 for loong64 as the only process
of Debian's Linux for loong64 on QEMU's LoongArch machine. What is counted contains that Linux, which does next to nothing meanwhile.
"""
import glob, os, re, shutil, struct, subprocess

from . import machines

SUITE = "sid"
FETCHED = (("tree", "qemu-system-x86:loong64", "qemu-loong64"), ("kernel", "linux-image-loong64:loong64", "linux-loong64"))
LIBRARIES = "usr/lib/loongarch64-linux-gnu"
LOADER = "ld-linux-loongarch-lp64d.so.1"
PROGRAMS = {"i386": "qemu-system-i386", "x86-64": "qemu-system-x86_64"}
# EFI's compressed kernels: a mark, place and size of the compressed image, and how it is compressed.
ZIMG = struct.Struct("<4x4sII8x32s")
NEEDED = re.compile(r"\(NEEDED\).*\[(.*)\]")
# The LoongArch machine has no i8042, but this Linux looks for one.
LINUX = "console=ttyS0 loglevel=2 panic=-1 initcall_blacklist=i8042_init"


def fetch():
	"""The directories of Debian's packages."""
	subprocess.run(["tools/deps", "zstd", "cpio", "binutils"], check=True)
	directories = [os.path.join(os.environ.get("PKG", "build/pkg"), name) for _, _, name in FETCHED]
	for (kind, package, _), directory in zip(FETCHED, directories):
		subprocess.run(["tools/fetch", kind, SUITE, package, directory], check=True, stdout=subprocess.DEVNULL)
	return directories


def unpack_kernel(directory, path):
	compressed, = glob.glob(os.path.join(directory, "usr/lib/modules/*/vmlinuz"))
	with open(compressed, "rb") as f:
		data = f.read()
	mark, start, size, method = ZIMG.unpack_from(data)
	if mark != b"zimg" or method.rstrip(b"\0") != b"zstd":
		raise machines.Failure(f"{compressed}: not a kernel of the kind that is known")
	unpacked = subprocess.run(["zstd", "-dc"], input=data[start:start + size], stdout=subprocess.PIPE, check=True).stdout
	with open(path, "wb") as f:
		f.write(unpacked)


def needed_by(path):
	return NEEDED.findall(subprocess.run(["readelf", "-d", path], stdout=subprocess.PIPE, text=True, check=True).stdout)


def copy_with_libraries(root, to):
	"""The programs, and the shared libraries that they need, into a root directory."""
	found = {}
	for at, _, files in os.walk(os.path.join(root, LIBRARIES)):
		for file in files:
			found.setdefault(file, os.path.realpath(os.path.join(at, file)))
	os.makedirs(os.path.join(to, LIBRARIES))
	os.makedirs(os.path.join(to, "lib64"))
	shutil.copy(found[LOADER], os.path.join(to, "lib64", LOADER))
	for program in PROGRAMS.values():
		shutil.copy(os.path.join(root, "usr/bin", program), to)
	shutil.copy(os.path.join(root, "usr/share/qemu/kvmvapic.bin"), to)
	copied, wanted = {LOADER}, {name for program in PROGRAMS.values() for name in needed_by(os.path.join(to, program))}
	while wanted - copied:
		for name in wanted - copied:
			shutil.copy(found[name], os.path.join(to, LIBRARIES, name))
			wanted = wanted | set(needed_by(found[name]))
			copied.add(name)


def archive(directory, path):
	with open(path, "wb") as f:
		names = subprocess.run(["find", ".", "-mindepth", "1"], cwd=directory, stdout=subprocess.PIPE, check=True).stdout
		subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=directory, input=names, stdout=f, check=True)


def prepare():
	"""(kernel, initial RAM disk without the ROM), made when they are missing."""
	kernel, disk = (os.path.join(machines.OUT, name) for name in ("linux", "qemu.cpio"))
	if not os.path.exists(disk):
		qemu, linux = fetch()
		unpack_kernel(linux, kernel)
		with machines.scratch() as directory:
			copy_with_libraries(qemu, os.path.join(directory, "root"))
			archive(os.path.join(directory, "root"), os.path.join(directory, "disk"))
			os.rename(os.path.join(directory, "disk"), disk)
	return kernel, disk


def command(mode, rom):
	"""The command line of the LoongArch machine, and beside `rom` the RAM disk that it names."""
	kernel, disk = prepare()
	initrd, own = rom + ".initrd", rom + ".d"
	os.makedirs(own)
	shutil.copy(rom, os.path.join(own, "rom"))
	archive(own, initrd)
	with open(initrd, "ab") as f, open(disk, "rb") as base:
		shutil.copyfileobj(base, f)
	inner = ["-L", "/", "-M", "pc", "-cpu", "max", "-m", "3G", "-nodefaults", "-display", "none", "-no-reboot", "-no-user-config", "-serial", "stdio",
		 "-device", "bochs-display,romfile=", "-bios", "/rom"]
	return ["qemu-system-loongarch64", "-M", "virt", "-cpu", "la464", "-m", "6G", "-display", "none", "-serial", "stdio", "-monitor", "none", "-nic", "none",
		"-no-reboot", "-seed", "1", "-kernel", kernel, "-initrd", initrd,
		"-append", f"{LINUX} rdinit=/{PROGRAMS[mode]} -- {' '.join(inner)}"]


def counts(mode):
	"""{kernel: Run} of all kernels, counted once for a payload."""
	return machines.kept(f"qemu-{mode}", f"{mode}.rom", lambda: machines.run(f"QEMU for loong64, {mode}", f"{mode}.rom", [], lambda rom: command(mode, rom)))
