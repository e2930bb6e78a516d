#include "tests/conformance/enumerate.h"

#include <stdio.h>
#include <string.h>

#include "translator/decode_tables.h"
#include "translator/insn.h"

const char *const mode_names[VECTOR_MODES] = {
	[VECTOR_REAL] = "real", [VECTOR_V86] = "v86", [VECTOR_PM16] = "pm16", [VECTOR_PM32] = "pm32", [VECTOR_PM32_R0] = "pm32r0",
	[VECTOR_LONG64] = "long64", [VECTOR_LONG64_R0] = "long64r0", [VECTOR_COMPAT32] = "compat32",
};

int mode_by_name(const char *name, int length)
{
	for (int m = 0; m < VECTOR_MODES; m++)
		if ((int)strlen(mode_names[m]) == length && !memcmp(mode_names[m], name, (size_t)length))
			return m;
	return -1;
}

int mode_size(enum vector_mode mode)
{
	return mode <= VECTOR_PM16 ? MODE16 : mode == VECTOR_LONG64 || mode == VECTOR_LONG64_R0 ? MODE64 : MODE32;
}

/* An opcode's row of a map by its mandatory prefix (MAP_xxx), NULL where there is no such choice. */
static const struct decode_entry *row(int map, int by, int opcode)
{
	switch (map) {
	case 0x38: return &decode_0f38[by][opcode];
	case 0x3a: return &decode_0f3a[by][opcode];
	case 0x0f: return &decode_two_byte[by][opcode];
	default: return by == MAP_NONE ? &decode_one_byte[opcode] : NULL;
	}
}

/* The flags of all the rows of an opcode. */
static unsigned row_flags(int map, int opcode)
{
	unsigned flags = 0;

	for (int by = 0; by < MAP_COUNT; by++)
		flags |= row(map, by, opcode) ? row(map, by, opcode)->flags : 0;
	return flags;
}

int opcode_has_modrm(int map, int opcode)
{
	return (row_flags(map, opcode) & (DEC_MODRM | DEC_GROUP)) != 0;
}

int opcode_takes_prefix(int map, int opcode)
{
	return map > 0x0f || (map && (decode_two_byte[MAP_NONE][opcode].flags & DEC_PREFIX));
}

int map_bytes(uint8_t *out, int map)
{
	out[0] = 0x0f;
	out[1] = (uint8_t)map;
	return map > 0x0f ? 2 : map != 0;
}

static int is_group(int map, int opcode)
{
	return (row_flags(map, opcode) & DEC_GROUP) || (!map && opcode >= 0xd8 && opcode <= 0xdf);
}

static int is_prefix(int size, int byte)
{
	static const uint8_t prefixes[] = { 0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 };

	return memchr(prefixes, byte, sizeof prefixes) || (size == MODE64 && (byte & 0xf0) == 0x40);
}

/* ---- classes ---- */

static int is_string(int op)
{
	return op == OP_MOVS || op == OP_CMPS || op == OP_STOS || op == OP_LODS || op == OP_SCAS;
}

static int loads_segment(const struct insn *i)
{
	return (i->op == OP_MOV || i->op == OP_POP) && i->opd[0].kind == OPD_SEG;
}

static int shows_selector(const struct insn *i)
{
	return ((i->op == OP_MOV && i->opd[1].kind == OPD_SEG) || (i->op == OP_PUSH && i->opd[0].kind == OPD_SEG));
}

static int is_system(const struct insn *i)
{
	static const uint16_t ops[] = {
		OP_UD, OP_LDS, OP_LES, OP_LSS, OP_LFS, OP_LGS, OP_CLI, OP_STI, OP_JMPF, OP_CALLF, OP_RETF, OP_IRET, OP_INT, OP_INT1, OP_INT3, OP_INTO,
		OP_BOUND, OP_INS, OP_OUTS, OP_IN, OP_OUT, OP_SGDT, OP_SIDT, OP_SLDT, OP_STR, OP_SMSW, OP_ARPL, OP_LAR, OP_LSL, OP_VERR, OP_VERW,
		OP_RDTSC, OP_RDPMC, OP_CPUID, OP_SYSENTER, OP_SYSCALL, OP_RSM, OP_CLFLUSH, OP_HLT,
	};

	for (unsigned k = 0; k < sizeof ops / sizeof ops[0]; k++)
		if (i->op == ops[k])
			return 1;
	return (insn_info[i->op].attr & INSN_PRIV) || loads_segment(i) || shows_selector(i);
}

static int is_stack(int op)
{
	return op == OP_PUSH || op == OP_POP || op == OP_PUSHA || op == OP_POPA || op == OP_PUSHF || op == OP_POPF || op == OP_ENTER || op == OP_LEAVE;
}

static enum cell_class classify(const struct insn *i)
{
	unsigned attr = insn_info[i->op].attr;

	if (is_system(i))
		return CLASS_SYSTEM;
	if (is_string(i->op))
		return CLASS_STRING;
	if (is_stack(i->op))
		return CLASS_STACK;
	if (attr & (INSN_END | INSN_COND))
		return CLASS_JUMP;
	if (i->op == OP_X87 || i->op == OP_FWAIT)
		return CLASS_X87;
	for (int n = 0; n < i->nopd; n++)
		if (i->opd[n].kind == OPD_MMX)
			return CLASS_MMX;
	if (i->op == OP_EMMS)
		return CLASS_MMX;
	if ((attr & INSN_SSE) || i->op == OP_FXSAVE || i->op == OP_FXRSTOR)
		return CLASS_SSE;
	return CLASS_INT;
}

/* ---- enumeration ---- */

struct list {
	struct cell *cells;
	int n;
};

static void name_cell(struct cell *c)
{
	char prefix[8] = "", map[8] = "", reg[8] = "";

	if (c->map)
		snprintf(map, sizeof map, c->map > 0x0f ? "0f %02x " : "0f ", c->map);
	if (c->prefix)
		snprintf(prefix, sizeof prefix, "%02x ", c->prefix);
	if (c->rm >= 0)
		snprintf(reg, sizeof reg, " %02x", 0xc0 | c->reg << 3 | c->rm);
	else if (c->reg >= 0)
		snprintf(reg, sizeof reg, " /%d", c->reg);
	snprintf(c->name, sizeof c->name, "%s%s%02x%s%s", prefix, map, c->opcode, reg,
		c->form == FORM_MEM ? " m" : c->form == FORM_REG && c->rm < 0 ? " r" : "");
}

static void probe(struct list *l, struct cell c)
{
	uint8_t bytes[15] = { 0 };
	struct insn i;
	int n = 0;

	if (c.prefix)
		bytes[n++] = c.prefix;
	n += map_bytes(bytes + n, c.map);
	bytes[n++] = c.opcode;
	if (c.form != FORM_NONE)
		bytes[n++] = (uint8_t)((c.form == FORM_REG ? 0xc0 : 0) | (c.reg > 0 ? c.reg : 0) << 3 | (c.rm >= 0 ? c.rm : 1));
	if (insn_decode(&i, bytes, sizeof bytes, c.size) < 0 || i.op == OP_INVALID)
		return;
	if (i.op == OP_UD && !(c.map == 0x0f && (c.opcode == 0x0b || c.opcode == 0xb9)))
		return;
	c.op = i.op;
	c.class = (uint8_t)classify(&i);
	name_cell(&c);
	l->cells[l->n++] = c;
}

/* x87 register forms where ModRM.rm chooses the operation. */
static int x87_by_rm(int opcode, int reg)
{
	return (opcode == 0xd9 && (reg == 2 || reg >= 4)) || (opcode == 0xda && reg == 5) || (opcode == 0xdb && reg == 4) ||
		(opcode == 0xde && reg == 3) || (opcode == 0xdf && reg == 4);
}

static void probe_forms(struct list *l, struct cell c)
{
	c.form = FORM_MEM;
	probe(l, c);
	c.form = FORM_REG;
	if (c.map == 0x0f && ((c.opcode == 0x01 && c.reg == 7) || (c.opcode == 0xae))) {
		c.rm = 0;
		probe(l, c);
	} else if (!c.map && c.opcode >= 0xd8 && c.opcode <= 0xdf && x87_by_rm(c.opcode, c.reg)) {
		for (c.rm = 0; c.rm < 8; c.rm++)
			probe(l, c);
	} else {
		probe(l, c);
	}
}

static void probe_opcode(struct list *l, struct cell c)
{
	if (!opcode_has_modrm(c.map, c.opcode)) {
		probe(l, c);
		return;
	}
	if (!is_group(c.map, c.opcode)) {
		probe_forms(l, c);
		return;
	}
	for (c.reg = 0; c.reg < 8; c.reg++)
		probe_forms(l, c);
}

int cells_enumerate(struct cell *cells, int size)
{
	static const uint8_t mandatory[MAP_COUNT] = { [MAP_66] = 0x66, [MAP_F3] = 0xf3, [MAP_F2] = 0xf2 };
	static const uint8_t map_of[] = { 0, 0x0f, 0x38, 0x3a };
	struct list l = { cells, 0 };

	for (int k = 0; k < 4; k++)
		for (int opcode = 0; opcode < 256; opcode++) {
			struct cell c = { .size = (uint8_t)size, .map = map_of[k], .opcode = (uint8_t)opcode, .reg = -1, .rm = -1 };
			int maps = opcode_takes_prefix(c.map, opcode) ? MAP_COUNT : 1;

			if ((!c.map && is_prefix(size, opcode)) || (c.map == 0x0f && (opcode == 0x38 || opcode == 0x3a)))
				continue;
			for (int map = 0; map < maps; map++) {
				c.prefix = mandatory[map];
				probe_opcode(&l, c);
			}
		}
	probe(&l, (struct cell){ .size = (uint8_t)size, .prefix = 0xf3, .opcode = 0x90, .reg = -1, .rm = -1 });
	return l.n;
}

/* ---- what is generated, and who answers ---- */

static int is_transcendental(const struct cell *c)
{
	/* F2XM1 FYL2X FPTAN FPATAN, FYL2XP1 FSINCOS, FSIN FCOS */
	static const uint8_t modrm[] = { 0xf0, 0xf1, 0xf2, 0xf3, 0xf9, 0xfb, 0xfe, 0xff };

	return c->op == OP_X87 && c->opcode == 0xd9 && c->rm >= 0 && memchr(modrm, 0xc0 | c->reg << 3 | c->rm, sizeof modrm);
}

static int at_ring0(enum vector_mode mode)
{
	return mode == VECTOR_REAL || mode == VECTOR_PM32_R0 || mode == VECTOR_LONG64_R0;
}

/* Sets SP to anything: POP SP, XCHG SP AX, MOV SP imm, LEAVE, BSWAP ESP. */
static int sets_sp(const struct cell *c)
{
	return c->map ? c->map == 0x0f && c->opcode == 0xcc : c->opcode == 0x5c || c->opcode == 0x94 || c->opcode == 0xbc || c->opcode == 0xc9;
}

const char *cell_reason(const struct cell *c, enum vector_mode mode)
{
	switch (c->op) {
	case OP_RDTSC:
		return "reads time";
	case OP_CPUID:
		return "tells the CPU's model";
	case OP_RCPPS: case OP_RCPSS: case OP_RSQRTPS: case OP_RSQRTSS:
		return "the approximation is the CPU model's own; tests/sse has its error bound";
	case OP_FXSAVE:
		return "writes 512 bytes, more than the windows; tests/unit/test_fxsave.c";
	case OP_XSAVE: case OP_XSAVEOPT: case OP_XRSTOR: case OP_XGETBV: case OP_XSETBV:
		return "the payload leaves CR4.OSXSAVE off; tests/unit/test_fxsave.c";
	case OP_MASKMOVQ: case OP_MASKMOVDQU:
		return "whether masked bytes fault is the CPU model's own; tests/sse";
	case OP_NOP:
		if (c->map == 0x0f && c->opcode == 0x0d && c->form == FORM_REG)
			return "PREFETCH of a register: Intel's CPUs do nothing, AMD's raise #UD";
		break;
	case OP_X87:
		if (!mode_native(mode) && c->opcode == 0xd9 && c->form == FORM_REG && c->reg == 3)
			return "FSTPNCE: Bochs takes a stack fault, CPUs do not; pm32 has it";
		if (!mode_native(mode) && c->opcode == 0xd9 && c->reg == 7 && c->rm == 4)
			return "FRNDINT: Bochs leaves the least number with a set first bit as it is; pm32 has it";
		break;
	case OP_FXRSTOR:
		if (!mode_native(mode))
			return "Bochs takes the fault of a wrong MXCSR before the page fault of what is behind it; pm32 has it";
		break;
	case OP_PSRAW: case OP_PSRAD:
		if (!mode_native(mode) && c->class == CLASS_MMX && c->opcode >= 0xe0)
			return "Bochs leaves the register's exponent as it is when the count is 0; pm32 has it";
		break;
	case OP_DPPS: case OP_DPPD:
		if (!mode_native(mode))
			return "which of several NaNs is the result is the CPU model's own; pm32 has it";
		break;
	case OP_SYSENTER: case OP_SYSCALL: case OP_SYSRET: case OP_SYSEXIT:
		return "enters or leaves the payload's supervisor; tests/system";
	case OP_JMPF: case OP_CALLF: case OP_RETF: case OP_IRET: case OP_INT:
		if (at_ring0(mode) || mode == VECTOR_V86)
			return "leaves the case's code segment; tests/system";
		break;
	case OP_INT1: case OP_INT3: case OP_INTO:
		if (mode == VECTOR_REAL)
			return "runs through the payload's interrupt table; tests/system";
		break;
	default:
		break;
	}
	if (mode == VECTOR_REAL && sets_sp(c))
		return "with an odd SP near 0 the exception that ends the case is a shutdown; v86 has it";
	if (is_transcendental(c))
		return "last bits are the CPU model's own; tests/unit/test_x87.c compares within bounds";
	if (at_ring0(mode) && c->class == CLASS_SYSTEM && c->op != OP_UD && c->op != OP_INT3 && c->op != OP_BOUND && c->op != OP_CLFLUSH)
		return "changes the machine's state outside the case; tests/system";
	return NULL;
}

int mode_native(enum vector_mode mode)
{
	return mode == VECTOR_PM32 || mode == VECTOR_COMPAT32 || mode == VECTOR_LONG64;
}

int cell_native(const struct cell *c, enum vector_mode mode)
{
	if (!mode_native(mode))
		return 0;
	if (c->class == CLASS_SYSTEM)
		return c->op == OP_UD || c->op == OP_INT3 || c->op == OP_CLFLUSH;
	switch (c->op) {
	case OP_PUSHF:
		return 0; /* shows IF and IOPL */
	case OP_DAA: case OP_DAS: case OP_AAA: case OP_AAS: case OP_AAM: case OP_AAD: case OP_SALC: case OP_PUSHA: case OP_POPA:
		return 0;
	case OP_ENTER:
		return mode == VECTOR_LONG64;
	default:
		return 1;
	}
}
