/*
 * Properties of operations, and what one particular instruction does with the flags.
 */
#include "translator/cpu.h"
#include "translator/insn.h"

enum {
	CF = FL_CF, PF = FL_PF, AF = FL_AF, ZF = FL_ZF, SF = FL_SF, OF = FL_OF, DF = FL_DF, IF = FL_IF, ALL = FL_ARITH,
	END = INSN_END, PRIV = INSN_PRIV, COND = INSN_COND, SSE = INSN_SSE, FPU = INSN_FPU, LOCKABLE = INSN_LOCKABLE, STORE = INSN_STORE,
	EVALUATES = INSN_EVALUATES, VARIES = INSN_VARIES, SP = INSN_SP, MOVES = INSN_MOVES,
	LATE = INSN_LATE,
};

const struct insn_info insn_info[OP_COUNT] = {
#define X(name, text, read, written, undefined, attr) [OP_##name] = {text, attr, read, (written) | (undefined), undefined},
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
		return insn_info[insn->op].flags_written;
	}
}

/* Whether an operand has the stack pointer in it, AH being ESP here, or is of a kind that may have. POP addresses memory with the stack pointer increased. */
static bool wants_stack_pointer(const struct insn *insn)
{
	for (const struct operand *o = insn->opd, *end = o + insn->nopd; o < end; o++)
		if (o->kind == OPD_GPR ? o->reg == RSP : o->kind == OPD_MEM ? insn->op == OP_POP : o->kind != OPD_IMM && o->kind != OPD_REL)
			return true;
	return false;
}

void insn_note(struct insn *insn)
{
	const struct insn_info *info = &insn_info[insn->op];
	const struct operand *o = insn->opd;

	insn->attr = info->attr;
	insn->flags_read = info->flags_read;
	insn->flags_written = info->flags_written;
	if (info->attr & INSN_VARIES) {
		insn->flags_read = insn_varying_flags_read(insn);
		insn->flags_written = insn_varying_flags_written(insn);
	}
	if (o[0].kind != OPD_GPR || (insn->op != OP_SETCC && o[1].kind != (insn->op == OP_CMOVCC ? OPD_MEM : OPD_GPR)))
		insn->attr &= (uint16_t)~INSN_MOVES;
	if (wants_stack_pointer(insn))
		insn->attr &= (uint16_t)~INSN_LATE;
	if (o[0].kind == OPD_MEM || o[1].kind == OPD_MEM || o[2].kind == OPD_MEM)
		insn->attr |= INSN_MEMORY;
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

bool insn_makes_shadow(const struct insn *insn)
{
	bool loads = insn->op == OP_MOV || insn->op == OP_POP;

	return insn->op == OP_STI || (loads && insn->opd[0].kind == OPD_SEG && insn->opd[0].reg == SEG_SS);
}

/* Instructions that write no general register but their first operand. */
static const bool writes_first[OP_COUNT] = {
	[OP_ADD] = true, [OP_OR] = true, [OP_ADC] = true, [OP_SBB] = true, [OP_AND] = true, [OP_SUB] = true, [OP_XOR] = true, [OP_CMP] = true,
	[OP_TEST] = true, [OP_INC] = true, [OP_DEC] = true, [OP_NEG] = true, [OP_NOT] = true, [OP_SHL] = true, [OP_SHR] = true, [OP_SAR] = true,
	[OP_MOV] = true, [OP_MOVZX] = true, [OP_MOVSX] = true, [OP_MOVSXD] = true, [OP_LEA] = true, [OP_SETCC] = true, [OP_CMOVCC] = true,
	[OP_JCC] = true, [OP_JMP] = true, [OP_NOP] = true, [OP_FWAIT] = true,
};

/* What is added to the first operand, a register of `size` bytes; 0: it is not an addition of a constant. */
static int64_t step_of(const struct insn *insn, unsigned size)
{
	const struct operand *o = insn->opd;

	switch (insn->op) {
	case OP_INC: return 1;
	case OP_DEC: return -1;
	case OP_ADD: return o[1].kind == OPD_IMM ? insn->imm : 0;
	case OP_SUB: return o[1].kind == OPD_IMM ? -insn->imm : 0;
	case OP_LEA: return insn->base == o->reg && insn->index == REG_NONE && insn->addrsize == size ? insn->disp : 0;
	default: return 0;
	}
}

bool insn_steps(const struct insn *insn, int reg, unsigned size, int64_t *change)
{
	const struct operand *o = &insn->opd[0];
	bool to_register = insn->nopd && o->kind == OPD_GPR;

	*change = 0;
	if (insn->op == OP_X87) /* FNSTSW AX */
		return reg != RAX || insn->modrm != 0xe0 || insn->opcode != 0xdf;
	if (insn_info[insn->op].attr & INSN_SSE)
		return to_register ? o->reg != reg : reg != RCX || (insn->op != OP_PCMPESTRI && insn->op != OP_PCMPISTRI);
	if (!writes_first[insn->op])
		return false;
	if (!to_register || insn->op == OP_CMP || insn->op == OP_TEST)
		return true;
	if (o->size == 1) /* it may be AH, and so on */
		return o->reg != reg && (o->reg & 3) != reg;
	if (o->reg != reg)
		return true;
	*change = o->size == size ? step_of(insn, size) : 0;
	return *change;
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
