"""Vector files (vector.h): what the driver reads and changes in them. All else is done by the program `vectors`."""
import struct
from collections import namedtuple

MAGIC, VERSION = 0x54434556, 2
PHYS = 0x02000000
CHECK, RECORD, EXPLAIN = range(3)
MODES = ["real", "v86", "pm16", "pm32", "pm32r0", "long64", "long64r0", "compat32"]
CPU, MACHINE = range(2)
HEADER = struct.Struct("<16I")
FIELDS = ("magic version run ngroups groups code code_pages digests ndigests report_limit at_group at_state cases failures "
	  "finished reserved")
CASES_AT = 48 # offset of header.cases
GROUP = struct.Struct("<QIHHIIIIIBBH")
Header = namedtuple("Header", FIELDS)
Group = namedtuple("Group", "seed code length states digest eflags options pointers indices mode oracle reserved")


class VectorFile:
	"""A file in memory; save() writes it back."""

	def __init__(self, path):
		self.path = path
		with open(path, "rb") as f:
			self.data = bytearray(f.read())
		self.header = Header(*HEADER.unpack_from(self.data))
		if (self.header.magic, self.header.version) != (MAGIC, VERSION):
			raise ValueError(f"{path}: not a vector file of version {VERSION}")

	def group(self, number):
		return Group(*GROUP.unpack_from(self.data, self.header.groups + number * GROUP.size))

	def groups(self):
		return map(self.group, range(self.header.ngroups))

	def set_states(self, number, states):
		"""Changes the number of a group's cases: 0 leaves it out."""
		GROUP.pack_into(self.data, self.header.groups + number * GROUP.size, *self.group(number)._replace(states=states))

	def code(self, group):
		at = self.header.code + group.code
		return bytes(self.data[at:at + group.length])

	def needs_machine(self):
		return any(group.oracle == MACHINE for group in self.groups())

	def prepare(self, run, report_limit=0, explain=(0, 0)):
		"""Sets what the payload is to do."""
		self.header = self.header._replace(run=run, report_limit=report_limit, at_group=explain[0], at_state=explain[1],
						   cases=0, failures=0, finished=0)
		HEADER.pack_into(self.data, 0, *self.header)

	def take_digests(self, recorded):
		"""Takes the digests of the machine's groups from the bytes of a copy in which the payload recorded them."""
		for group in self.groups():
			if group.oracle == MACHINE:
				start = self.header.digests + 8 * group.digest
				self.data[start:start + 8 * group.states] = recorded[start:start + 8 * group.states]

	def save(self):
		with open(self.path, "wb") as f:
			f.write(self.data)
