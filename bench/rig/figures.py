"""What is computed from the counts."""
import math
from dataclasses import dataclass

# Whose kernels do nothing but have code translated.
ALWAYS_COLD = "code"
# In the table's order.
GROUPS = ("integer", "memory", "sse", "x87", "x87-53", "system", "code")
# Groups whose ratios make the geometric mean.
MEAN_GROUPS = ("integer", "sse")
MEAN = "geometric mean"
# Computed with more precision on x87 than anywhere else.
ONLY_X87 = "x87"


@dataclass
class Row:
	kernel: str
	mode: str
	group: str
	unit: str
	units: int
	guest: int            # guest instructions, steady state
	host: float           # host instructions for them
	native: float | None  # instructions of the same C on LoongArch
	cold: float | None    # host instructions more in the first run, for each guest instruction met in it
	qemu: float | None    # host instructions of QEMU's emulation on the same host

	@property
	def ratio(self):
		return self.host / self.guest

	@property
	def to_native(self):
		return self.host / self.native if self.native else None

	@property
	def qemu_ratio(self):
		return self.qemu / self.guest if self.qemu else None

	@property
	def to_qemu(self):
		return self.qemu / self.host if self.qemu else None

	@property
	def per_unit(self):
		return self.host / self.units


def geometric(values):
	return math.exp(sum(map(math.log, values)) / len(values))


def mean_row(rows, mode):
	"""A row whose ratios are the geometric means, as if of one guest instruction."""
	rows = [r for r in rows if r.mode == mode and r.group in MEAN_GROUPS]
	ratio = geometric([r.ratio for r in rows])
	qemu = geometric([r.qemu_ratio for r in rows]) if all(r.qemu for r in rows) else None
	return Row(MEAN, mode, "", "", 1, 1, ratio, ratio / geometric([r.to_native for r in rows]), geometric([max(r.cold, 1) for r in rows]), qemu)


def row(mode, run, guest, native, qemu):
	"""(row, what is wrong with the checksums) of one kernel; `native` and `qemu` may be None."""
	wrong = []
	if qemu and qemu.checksum != guest.checksum:
		wrong.append(f"{run.name}, {mode}: the checksum is {qemu.checksum} on QEMU for loong64, on QEMU's PC {guest.checksum}")
	if run.checksum != guest.checksum:
		wrong.append(f"{run.name}, {mode}: the checksum is {run.checksum}, on QEMU's PC {guest.checksum}")
	if native and native.group != ONLY_X87 and run.checksum != native.checksum:
		wrong.append(f"{run.name}, {mode}: the checksum is {run.checksum}, natively {native.checksum}")
	cold = (run.cold - run.once) / guest.met if guest.met and run.group != ALWAYS_COLD else None
	return Row(run.name, mode, run.group, run.unit, run.units, guest.steady, run.steady, native.steady if native else None, cold,
		   qemu.steady if qemu else None), wrong
