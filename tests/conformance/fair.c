#include "tests/conformance/fair.h"

#include "tests/conformance/enumerate.h"
#include "translator/cpu.h"
#include "translator/insn.h"

/* FCOM and its like; state loaded or stored in several parts. */
static int vendors_differ(const struct insn *i)
{
	int reg = i->modrm >> 3 & 7;

	if (i->op != OP_X87)
		return i->op == OP_FXSAVE || i->op == OP_FXRSTOR;
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

/* FCOMI, FUCOMI, FCOMIP, FUCOMIP */
static int writes_eflags(const struct insn *i)
{
	return i->modrm >= 0xc0 && (i->opcode == 0xdb || i->opcode == 0xdf);
}

/* A jump to anywhere ends nowhere in real mode, and an exception on an odd stack at its end is a shutdown. V86 mode has these cases. */
static int wild_in_real_mode(const struct insn *i)
{
	if (insn_info[i->op].attr & INSN_END && i->opd[0].kind != OPD_REL)
		return 1;
	for (int k = 0; k < i->nopd; k++)
		if (i->opd[k].kind == OPD_GPR && i->opd[k].reg == RSP && i->opd[k].size > 1)
			return 1;
	return i->op == OP_LEAVE || i->op == OP_ENTER || i->op == OP_POPA;
}

int fair_mark(struct vector_group *g, const uint8_t *code)
{
	struct insn i;
	int sse = 0, stores_mxcsr = 0, differs = 0, n = 0;

	for (int at = 0; at < g->length; at += i.len) {
		if (insn_decode(&i, code + at, 15, mode_size((enum vector_mode)g->mode)) <= 0)
			break;
		n++;
		differs |= vendors_differ(&i) || (g->oracle == ORACLE_MACHINE && i.op == OP_X87 && i.opcode == 0xdb && i.modrm < 0xc0);
		if (g->mode == VECTOR_REAL && wild_in_real_mode(&i))
			return -1;
		if (vendors_differ(&i) && g->options & GROUP_FPU_WILD && writes_eflags(&i))
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
