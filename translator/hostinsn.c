/*
 * Host instructions that access memory (LoongArch Reference Manual, volume 1, section 2.2.6 and following; volume 2 for LSX):
 * what they do, and doing the register half of it by hand.
 */
#include <string.h>

#include "arch/loongarch/host.h"
#include "translator/mmu_internal.h"

/* How an encoding states its address. */
enum form {
	SI12,  /* rj + si12 */
	SI14,  /* rj + si14 * 4 */
	INDEX, /* rj + rk */
	AMO,   /* rj; rk is the operand */
	ELEM,  /* rj + si8 * size, element number above it: vstelm */
	REPL,  /* rj + immediate scaled by size: vldrepl */
};

struct pattern {
	uint32_t value;
	uint8_t low_bit; /* bits from here up are the opcode */
	uint8_t form, op, file, size;
};

#define ROW_SI12(opcode, op, file, size) { (opcode) << 22, 22, SI12, op, file, size }
#define ROW_SI14(opcode, op, file, size) { (opcode) << 24, 24, SI14, op, file, size }
#define ROW_INDEX(value, op, file, size) { value, 15, INDEX, op, file, size }
/* read-modify-write: words and doublewords, without and with barrier */
#define ROWS_AMO(plain, barrier, op) \
	{ plain, 15, AMO, op, HOST_GPR_SIGNED, 4 }, { (plain) + 0x8000, 15, AMO, op, HOST_GPR_SIGNED, 8 }, \
	{ barrier, 15, AMO, op, HOST_GPR_SIGNED, 4 }, { (barrier) + 0x8000, 15, AMO, op, HOST_GPR_SIGNED, 8 }

static const struct pattern patterns[] = {
	ROW_SI12(0x0a0u, HOST_LOAD, HOST_GPR_SIGNED, 1), ROW_SI12(0x0a1u, HOST_LOAD, HOST_GPR_SIGNED, 2),
	ROW_SI12(0x0a2u, HOST_LOAD, HOST_GPR_SIGNED, 4), ROW_SI12(0x0a3u, HOST_LOAD, HOST_GPR, 8),
	ROW_SI12(0x0a4u, HOST_STORE, HOST_GPR, 1), ROW_SI12(0x0a5u, HOST_STORE, HOST_GPR, 2),
	ROW_SI12(0x0a6u, HOST_STORE, HOST_GPR, 4), ROW_SI12(0x0a7u, HOST_STORE, HOST_GPR, 8),
	ROW_SI12(0x0a8u, HOST_LOAD, HOST_GPR, 1), ROW_SI12(0x0a9u, HOST_LOAD, HOST_GPR, 2),
	ROW_SI12(0x0aau, HOST_LOAD, HOST_GPR, 4),

	ROW_INDEX(0x38000000u, HOST_LOAD, HOST_GPR_SIGNED, 1), ROW_INDEX(0x38040000u, HOST_LOAD, HOST_GPR_SIGNED, 2),
	ROW_INDEX(0x38080000u, HOST_LOAD, HOST_GPR_SIGNED, 4), ROW_INDEX(0x380c0000u, HOST_LOAD, HOST_GPR, 8),
	ROW_INDEX(0x38100000u, HOST_STORE, HOST_GPR, 1), ROW_INDEX(0x38140000u, HOST_STORE, HOST_GPR, 2),
	ROW_INDEX(0x38180000u, HOST_STORE, HOST_GPR, 4), ROW_INDEX(0x381c0000u, HOST_STORE, HOST_GPR, 8),
	ROW_INDEX(0x38200000u, HOST_LOAD, HOST_GPR, 1), ROW_INDEX(0x38240000u, HOST_LOAD, HOST_GPR, 2),
	ROW_INDEX(0x38280000u, HOST_LOAD, HOST_GPR, 4),

	ROW_SI12(0x0acu, HOST_LOAD, HOST_VREG, 4), ROW_SI12(0x0adu, HOST_STORE, HOST_VREG, 4),
	ROW_SI12(0x0aeu, HOST_LOAD, HOST_VREG, 8), ROW_SI12(0x0afu, HOST_STORE, HOST_VREG, 8),
	ROW_SI12(0x0b0u, HOST_LOAD, HOST_VREG, 16), ROW_SI12(0x0b1u, HOST_STORE, HOST_VREG, 16),

	ROW_SI14(0x20u, HOST_LOAD, HOST_GPR_SIGNED, 4), ROW_SI14(0x21u, HOST_SC, HOST_GPR, 4),
	ROW_SI14(0x22u, HOST_LOAD, HOST_GPR, 8), ROW_SI14(0x23u, HOST_SC, HOST_GPR, 8),
	ROW_SI14(0x24u, HOST_LOAD, HOST_GPR_SIGNED, 4), ROW_SI14(0x25u, HOST_STORE, HOST_GPR, 4),
	ROW_SI14(0x26u, HOST_LOAD, HOST_GPR, 8), ROW_SI14(0x27u, HOST_STORE, HOST_GPR, 8),

	ROW_INDEX(0x38300000u, HOST_LOAD, HOST_VREG, 4), ROW_INDEX(0x38340000u, HOST_LOAD, HOST_VREG, 8),
	ROW_INDEX(0x38380000u, HOST_STORE, HOST_VREG, 4), ROW_INDEX(0x383c0000u, HOST_STORE, HOST_VREG, 8),
	ROW_INDEX(0x38400000u, HOST_LOAD, HOST_VREG, 16), ROW_INDEX(0x38440000u, HOST_STORE, HOST_VREG, 16),

	ROWS_AMO(0x38600000u, 0x38690000u, HOST_SWAP), ROWS_AMO(0x38610000u, 0x386a0000u, HOST_ADD),
	ROWS_AMO(0x38620000u, 0x386b0000u, HOST_AND), ROWS_AMO(0x38630000u, 0x386c0000u, HOST_OR),
	ROWS_AMO(0x38640000u, 0x386d0000u, HOST_XOR),

	{ 0x30100000u, 19, REPL, HOST_LOAD, HOST_VREG_ALL, 8 }, { 0x30200000u, 20, REPL, HOST_LOAD, HOST_VREG_ALL, 4 },
	{ 0x30400000u, 21, REPL, HOST_LOAD, HOST_VREG_ALL, 2 }, { 0x30800000u, 22, REPL, HOST_LOAD, HOST_VREG_ALL, 1 },
	{ 0x31100000u, 19, ELEM, HOST_STORE, HOST_VREG, 8 }, { 0x31200000u, 20, ELEM, HOST_STORE, HOST_VREG, 4 },
	{ 0x31400000u, 21, ELEM, HOST_STORE, HOST_VREG, 2 }, { 0x31800000u, 22, ELEM, HOST_STORE, HOST_VREG, 1 },
};

static int64_t field_signed(uint32_t word, int low, int bits)
{
	return (int64_t)((uint64_t)word << (64 - low - bits)) >> (64 - bits);
}

static uint32_t field(uint32_t word, int low, int bits)
{
	return word >> low & ((1u << bits) - 1);
}

static void complete(const struct pattern *t, uint32_t word, const struct trap_frame *frame, struct host_insn *out)
{
	uint64_t base = frame->r[field(word, 5, 5)];

	*out = (struct host_insn){ .op = t->op, .file = t->file, .size = t->size, .reg = field(word, 0, 5), .address = base };
	switch (t->form) {
	case SI12:
		out->address += field_signed(word, 10, 12);
		break;
	case SI14:
		out->address += field_signed(word, 10, 14) * 4;
		break;
	case INDEX:
		out->address += frame->r[field(word, 10, 5)];
		break;
	case AMO:
		out->value_reg = field(word, 10, 5);
		break;
	case ELEM:
		out->address += field_signed(word, 10, 8) * t->size;
		out->element = field(word, 18, t->low_bit - 18) * t->size;
		break;
	case REPL:
		out->address += field_signed(word, 10, t->low_bit - 10) * t->size;
		break;
	}
}

/* The integer loads and stores with displacement, which most are, begin the table in the order of their opcodes; those at the sum of two registers follow. */
#define SIMPLE_FIRST 0x0a0u
#define SIMPLE_LAST 0x0aau
#define INDEXED_FIRST 0x38000000u
#define INDEXED 11

int host_insn_decode(uint32_t word, const struct trap_frame *frame, struct host_insn *out)
{
	unsigned simple = (word >> 22) - SIMPLE_FIRST, indexed = (word - INDEXED_FIRST) >> 18;

	if (simple <= SIMPLE_LAST - SIMPLE_FIRST) {
		const struct pattern *t = &patterns[simple];

		*out = (struct host_insn){
			.op = t->op, .file = t->file, .size = t->size, .reg = field(word, 0, 5),
			.address = frame->r[field(word, 5, 5)] + field_signed(word, 10, 12),
		};
		return 0;
	}
	if (indexed < INDEXED && !field(word, 15, 3)) {
		complete(&patterns[SIMPLE_LAST - SIMPLE_FIRST + 1 + indexed], word, frame, out);
		return 0;
	}
	for (unsigned i = SIMPLE_LAST - SIMPLE_FIRST + 1 + INDEXED; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (word >> patterns[i].low_bit == patterns[i].value >> patterns[i].low_bit) {
			complete(&patterns[i], word, frame, out);
			return 0;
		}
	}
	return -1;
}

void host_insn_source(const struct host_insn *i, const struct trap_frame *frame, void *buf)
{
	uint8_t vector[16];

	if (i->file == HOST_VREG) {
		vreg_store(i->reg, vector);
		memcpy(buf, vector + i->element, i->size);
	} else {
		memcpy(buf, &frame->r[i->reg], i->size);
	}
}

static void set_vector(const struct host_insn *i, const void *buf)
{
	uint8_t vector[16];

	vreg_store(i->reg, vector);
	for (unsigned at = 0; at < (i->file == HOST_VREG_ALL ? sizeof(vector) : i->size); at += i->size)
		memcpy(vector + at, buf, i->size);
	vreg_load(i->reg, vector);
}

void host_insn_result(const struct host_insn *i, struct trap_frame *frame, const void *buf)
{
	uint64_t v = 0;

	if (i->file >= HOST_VREG) {
		set_vector(i, buf);
		return;
	}
	memcpy(&v, buf, i->size);
	if (i->reg)
		frame->r[i->reg] = host_insn_extend(i, v);
}

uint64_t host_insn_modify(const struct host_insn *i, uint64_t old, uint64_t operand)
{
	switch (i->op) {
	case HOST_ADD:
		return old + operand;
	case HOST_AND:
		return old & operand;
	case HOST_OR:
		return old | operand;
	case HOST_XOR:
		return old ^ operand;
	default:
		return operand;
	}
}
