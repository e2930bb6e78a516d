/*
 * Properties of operations, and what one particular instruction does with the flags.
 */
#include "translator/cpu.h"
#include "translator/insn.h"

enum {
	CF = FL_CF, PF = FL_PF, AF = FL_AF, ZF = FL_ZF, SF = FL_SF, OF = FL_OF, DF = FL_DF, IF = FL_IF, ALL = FL_ARITH,
	END = INSN_END, PRIV = INSN_PRIV, COND = INSN_COND, SSE = INSN_SSE, FPU = INSN_FPU, LOCKABLE = INSN_LOCKABLE, STORE = INSN_STORE,
	EVALUATES = INSN_EVALUATES, VARIES = INSN_VARIES, SP = INSN_SP,
};

const struct insn_info insn_info[OP_COUNT] = {
#define X(name, text, read, written, undefined, attr) [OP_##name] = {text, read, written, undefined, attr},
	OPCODE_LIST(X)
#undef X
};

uint16_t cond_flags_read(int cond)
{
	static const uint16_t read[8] = {OF, CF, ZF, CF | ZF, SF, PF, SF | OF, ZF | SF | OF};

	return read[cond >> 1 & 7];
}

/* FCMOVcc: the condition is in the low bits of ModRM.reg, its negation in the opcode. */
static uint16_t x87_flags_read(const struct insn *insn)
{
	static const uint16_t read[4] = {CF, ZF, CF | ZF, PF};

	if (insn->modrm < 0xc0 || insn->modrm >= 0xe0 || (insn->opcode != 0xda && insn->opcode != 0xdb))
		return 0;
	return read[insn->modrm >> 3 & 3];
}

uint16_t insn_varying_flags_read(const struct insn *insn)
{
	switch (insn->op) {
	case OP_JCC:
	case OP_SETCC:
	case OP_CMOVCC:
		return cond_flags_read(insn->cond);
	case OP_X87:
		return x87_flags_read(insn);
	default:
		return insn_info[insn->op].flags_read;
	}
}

/* Count of a shift by an immediate, masked as the CPU does; 0 when it is in CL. */
static unsigned constant_count(const struct insn *insn, int operand)
{
	return insn->opd[operand].kind == OPD_IMM ? insn->imm & (insn->opsize == 8 ? 63 : 31) : 0;
}

uint16_t insn_varying_flags_written(const struct insn *insn)
{
	switch (insn->op) {
	case OP_SHL:
	case OP_SHR:
	case OP_SAR:
		return constant_count(insn, 1) ? ALL : 0;
	case OP_SHLD:
	case OP_SHRD:
		return constant_count(insn, 2) ? ALL : 0;
	case OP_ROL:
	case OP_ROR:
		return constant_count(insn, 1) ? CF | OF : 0;
	case OP_RCL:
	case OP_RCR:
		/* For 8- and 16-bit operands the count is taken modulo 9 and 17, and 0 changes nothing. */
		if (insn->opsize == 1)
			return constant_count(insn, 1) % 9 ? CF | OF : 0;
		if (insn->opsize == 2)
			return constant_count(insn, 1) % 17 ? CF | OF : 0;
		return constant_count(insn, 1) ? CF | OF : 0;
	case OP_CMPS:
	case OP_SCAS:
		return insn->rep == REP_NONE ? ALL : 0;
	default:
		/* x87: an unmasked invalid operation keeps FCOMI from writing them */
		return insn_info[insn->op].flags_written | insn_info[insn->op].flags_undefined;
	}
}

bool insn_may_store(const struct insn *insn)
{
	static const bool to_first_operand[OP_COUNT] = {
		[OP_ADD] = true, [OP_OR] = true, [OP_ADC] = true, [OP_SBB] = true, [OP_AND] = true, [OP_SUB] = true, [OP_XOR] = true,
		[OP_INC] = true, [OP_DEC] = true, [OP_NEG] = true, [OP_NOT] = true, [OP_ROL] = true, [OP_ROR] = true, [OP_RCL] = true,
		[OP_RCR] = true, [OP_SHL] = true, [OP_SHR] = true, [OP_SAR] = true, [OP_SHLD] = true, [OP_SHRD] = true, [OP_MOV] = true,
		[OP_SETCC] = true,
	};

	return insn_info[insn->op].attr & INSN_STORE && (!to_first_operand[insn->op] || insn->opd[0].kind == OPD_MEM);
}

static const uint8_t writes[OP_COUNT] = {
	[OP_MOV] = INSN_WRITES_FIRST, [OP_MOVZX] = INSN_WRITES_FIRST, [OP_MOVSX] = INSN_WRITES_FIRST, [OP_MOVSXD] = INSN_WRITES_FIRST,
	[OP_LEA] = INSN_WRITES_FIRST, [OP_SETCC] = INSN_WRITES_FIRST, [OP_CMOVCC] = INSN_WRITES_FIRST, [OP_ADD] = INSN_WRITES_FIRST,
	[OP_SUB] = INSN_WRITES_FIRST, [OP_AND] = INSN_WRITES_FIRST, [OP_OR] = INSN_WRITES_FIRST, [OP_XOR] = INSN_WRITES_FIRST,
	[OP_ADC] = INSN_WRITES_FIRST, [OP_SBB] = INSN_WRITES_FIRST, [OP_INC] = INSN_WRITES_FIRST, [OP_DEC] = INSN_WRITES_FIRST,
	[OP_NEG] = INSN_WRITES_FIRST, [OP_NOT] = INSN_WRITES_FIRST, [OP_SHL] = INSN_WRITES_FIRST, [OP_SHR] = INSN_WRITES_FIRST,
	[OP_SAR] = INSN_WRITES_FIRST, [OP_CMP] = INSN_WRITES_NOTHING, [OP_TEST] = INSN_WRITES_NOTHING, [OP_NOP] = INSN_WRITES_NOTHING,
	[OP_JCC] = INSN_WRITES_NOTHING, [OP_JMP] = INSN_WRITES_NOTHING, [OP_PUSH] = INSN_WRITES_STACK, [OP_POP] = INSN_WRITES_STACK,
	[OP_CALL] = INSN_WRITES_STACK, [OP_RET] = INSN_WRITES_STACK,
};

enum insn_writes insn_writes(const struct insn *insn)
{
	for (int k = 0; k < insn->nopd; k++) {
		unsigned kind = insn->opd[k].kind;
		if (kind != OPD_GPR && kind != OPD_MEM && kind != OPD_IMM && kind != OPD_REL)
			return INSN_WRITES_MORE;
	}
	return insn->lock ? INSN_WRITES_MORE : writes[insn->op];
}

uint16_t insn_written(const struct insn *insn)
{
	enum insn_writes kind = writes[insn->op];
	const struct operand *o = &insn->opd[0];
	uint16_t stack = kind == INSN_WRITES_STACK ? 1u << RSP : 0;

	if (kind == INSN_WRITES_NOTHING || o->kind != OPD_GPR || (kind == INSN_WRITES_STACK && insn->op != OP_POP))
		return stack;
	return (uint16_t)(stack | 1u << (insn_is_high_byte(insn, o) ? o->reg - 4 : o->reg));
}
