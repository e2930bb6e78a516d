#include "tests/conformance/fair.h"

#include "tests/conformance/enumerate.h"
#include "translator/cpu.h"
#include "translator/insn.h"

/*
 * FCOM and its like; state loaded or stored in several parts; what ENTER has pushed before it faults; which operand
 * CMPS reads first.
 */
static int vendors_differ(const struct insn *i)
{
	int reg = i->modrm >> 3 & 7;

	if (i->op != OP_X87)
		return i->op == OP_FXSAVE || i->op == OP_FXRSTOR || i->op == OP_ENTER || i->op == OP_CMPS;
	if (i->modrm < 0xc0 && (i->opcode == 0xd9 || i->opcode == 0xdd))
		return reg == 4 || reg == 6;
	switch (i->opcode) {
	case 0xd8: case 0xdc: case 0xde:
		return reg == 2 || reg == 3;
	case 0xd9:
		return i->modrm == 0xe4;
	case 0xda:
		return i->modrm < 0xc0 ? reg == 2 || reg == 3 : reg == 5;
	case 0xdb: case 0xdf:
		return i->modrm >= 0xc0 && (reg == 5 || reg == 6);
	default:
		return i->modrm >= 0xc0 && (reg == 4 || reg == 5);
	}
}

/* FST, FIST, FNSTENV, FNSTCW, FNSAVE, FNSTSW, FBSTP, FISTTP */
static int x87_stores(const struct insn *i)
{
	int reg = i->modrm >> 3 & 7;

	return i->op == OP_X87 && i->modrm < 0xc0 && i->opcode & 1 && (reg == 1 || reg & 2);
}

/* FLDENV, FRSTOR, FXRSTOR, FLDCW: after these any exception may be unmasked */
static int x87_loads_control(const struct insn *i)
{
	int reg = i->modrm >> 3 & 7;

	return i->op == OP_FXRSTOR ||
		(i->op == OP_X87 && i->modrm < 0xc0 && ((i->opcode == 0xd9 && (reg == 4 || reg == 5)) || (i->opcode == 0xdd && reg == 4)));
}

/*
 * PSRAW, PSRAD of an MMX register by 0: Bochs does not set its exponent. FSTPNCE: it takes a stack fault.
 * FRNDINT of the least number with a set first bit: it stays. DPPS, DPPD: its NaNs are others.
 * FXRSTOR: a wrong MXCSR is seen before the image's second page.
 */
static int bochs_differs(const struct insn *i)
{
	switch (i->op) {
	case OP_PSRLQ: case OP_PSLLQ: /* by 64: it does nothing, CPUs make it 0 */
		return i->opd[1].kind == OPD_IMM && (i->imm & 0xff) == 64;
	case OP_PSRAW: case OP_PSRAD:
		return i->opd[0].kind == OPD_MMX && i->opd[1].kind == OPD_IMM && !(i->imm & 0xff);
	case OP_DPPS: case OP_DPPD: case OP_FXRSTOR:
		return 1;
	default:
		return i->op == OP_X87 && i->opcode == 0xd9 && ((i->modrm >= 0xd8 && i->modrm < 0xe0) || i->modrm == 0xfc);
	}
}

/*
 * Where Bochs goes its own way on a fault, against the word of the CPU in pm32: which part of an operand it reads first (CR2), what an x87 store or a
 * load of x87 state leaves of the status word and the registers, how much ENTER has pushed.
 */
static int differs_on_fault(const struct insn *i)
{
	int reg = i->modrm >> 3 & 7;

	switch (i->op) {
	case OP_LDS: case OP_LES: case OP_LSS: case OP_LFS: case OP_LGS: case OP_ENTER:
		return 1;
	case OP_X87: /* FLD of an empty register where none is free: C1; stores; 80 bits and BCD; environments */
		if (i->modrm >= 0xc0)
			return i->opcode == 0xd9 && reg == 0;
		return x87_stores(i) || i->opcode == 0xdb || (i->opcode == 0xdf && reg == 4) || x87_loads_control(i);
	default:
		return 0;
	}
}

/* ENTER to a misaligned end of the stack: whether the check for room there is one of alignment, too. */
static int misaligned_enter(const struct insn *i)
{
	return i->op == OP_ENTER && i->imm & (i->opsize - 1);
}

/* In 64-bit code Bochs does not know an operand size of 16 bits for ENTER. */
static int short_enter(const struct vector_group *g, const struct insn *i)
{
	return i->op == OP_ENTER && i->opsize == 2 && mode_size((enum vector_mode)g->mode) == 8;
}

/* FCOMI, FUCOMI, FCOMIP, FUCOMIP */
static int writes_eflags(const struct insn *i)
{
	return i->modrm >= 0xc0 && (i->opcode == 0xdb || i->opcode == 0xdf);
}

/* In real mode the exception that ends a case pushes on the case's stack: with SP 1, 3 or 5 it is a shutdown. V86 mode has these cases. */
static int wild_in_real_mode(const struct insn *i)
{
	if (i->op == OP_INC || i->op == OP_DEC || i->op == OP_PUSH || i->op == OP_CMP || i->op == OP_TEST)
		return 0;
	for (int k = 0; k < i->nopd; k++)
		if (i->opd[k].kind == OPD_GPR && i->opd[k].reg == RSP && i->opd[k].size > 1 && (k == 0 || i->op == OP_XCHG || i->op == OP_XADD))
			return 1;
	return i->op == OP_LEAVE;
}

/* FNSAVE, FRSTOR: Bochs checks the alignment of the registers in the image, too; the manual asks for that of the environment (SDM 3A, table 6-7). */
static int x87_state_image(const struct insn *i)
{
	return i->op == OP_X87 && i->modrm < 0xc0 && i->opcode == 0xdd && ((i->modrm >> 3 & 7) == 4 || (i->modrm >> 3 & 7) == 6);
}

/* FLD, FSTP, FBLD, FBSTP of 10 bytes: Bochs takes a page fault of the last two before the first eight are found to be misaligned. */
static int is_ten_bytes(const struct insn *i)
{
	int reg = i->modrm >> 3 & 7;

	return i->op == OP_X87 && i->modrm < 0xc0 && ((i->opcode == 0xdb && (reg == 5 || reg == 7)) || (i->opcode == 0xdf && (reg == 4 || reg == 6)));
}

/* FNSTSW, FNSTENV, FNSAVE */
static int shows_status(const struct insn *i)
{
	int reg = i->modrm >> 3 & 7;

	if (i->op != OP_X87)
		return 0;
	return i->modrm < 0xc0 ? (i->opcode == 0xdd && reg >= 6) || (i->opcode == 0xd9 && reg == 6) : i->opcode == 0xdf && i->modrm == 0xe0;
}

int fair_mark(struct vector_group *g, const uint8_t *code)
{
	struct insn i;
	int sse = 0, stores_mxcsr = 0, differs = 0, machine = g->oracle == ORACLE_MACHINE, loads_control = 0, vague_c1 = 0, n = 0;

	for (int at = 0; at < g->length; at += i.len) {
		if (insn_decode(&i, code + at, 15, mode_size((enum vector_mode)g->mode)) <= 0)
			break;
		n++;
		differs |= vendors_differ(&i) || (machine && differs_on_fault(&i));
		if (machine && g->options & GROUP_DEMAND && x87_loads_control(&i)) /* Bochs' registers have new values already when it starts again */
			return -1;
		loads_control |= x87_loads_control(&i);
		if (!machine && g->options & GROUP_ALIGN && misaligned_enter(&i))
			return -1;
		if (machine && (bochs_differs(&i) || short_enter(g, &i) || (g->options & GROUP_ALIGN && (x87_state_image(&i) || is_ten_bytes(&i)))))
			return -1;
		if (machine && loads_control && x87_stores(&i))
			return -1;
		if (machine && x87_stores(&i)) /* Bochs takes the store's page fault after an unmasked x87 exception, CPUs before */
			g->options &= ~GROUP_FPU_WILD;
		if (g->mode == VECTOR_REAL && wild_in_real_mode(&i))
			return -1;
		if (vendors_differ(&i) && (g->options & GROUP_FPU_WILD || loads_control) && writes_eflags(&i))
			return -1;
		vague_c1 |= i.op == OP_X87 && vendors_differ(&i) && writes_eflags(&i);
		vague_c1 |= machine && i.op == OP_X87 && i.opcode == 0xd9 && (i.modrm & 0xf8) == 0xc0; /* FLD of a register, as above */
		if (machine && i.op == OP_X87 && i.opcode == 0xd9 && i.modrm == 0xfd) /* FSCALE beyond what the unmasked response can show */
			g->options &= ~GROUP_FPU_WILD;
		if (machine && i.op == OP_CVTSD2SS) /* Bochs sets PE of exact numbers too small, with an unmasked underflow */
			g->options &= ~GROUP_SSE_WILD;
		if (vague_c1 && shows_status(&i)) /* C1 */
			return -1;
		sse |= (insn_info[i.op].attr & INSN_SSE) && i.op != OP_STMXCSR && i.op != OP_LDMXCSR;
		stores_mxcsr |= i.op == OP_STMXCSR || i.op == OP_FXSAVE;
	}
	if (differs)
		g->options |= GROUP_VENDOR;
	if (differs && n > 1 && g->options & GROUP_FPU_WILD)
		return -1;
	return sse && stores_mxcsr && !(g->options & GROUP_STRICT) ? -1 : 0;
}
