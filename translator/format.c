/*
 * Intel-syntax text of decoded instructions.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "translator/cpu.h"
#include "translator/insn.h"

struct text {
	char *buf;
	size_t size;
	int len; /* what the text would need, as snprintf counts */
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *fmt, ...)
{
	bool room = (size_t)t->len < t->size;
	va_list ap;

	va_start(ap, fmt);
	t->len += vsnprintf(room ? t->buf + t->len : NULL, room ? t->size - t->len : 0, fmt, ap);
	va_end(ap);
}

static const char *const segment_names[] = {"es", "cs", "ss", "ds", "fs", "gs"};

static void put_gpr(struct text *t, int reg, int size, bool rex)
{
	static const char *const legacy[] = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
	static const char *const low[] = {"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"};

	if (reg >= 8)
		put(t, "r%d%s", reg, size == 1 ? "b" : size == 2 ? "w" : size == 4 ? "d" : "");
	else if (size == 1 && (reg < 4 || !rex))
		put(t, "%s", low[reg]);
	else if (size == 1)
		put(t, "%sl", legacy[reg]);
	else
		put(t, "%s%s", size == 8 ? "r" : size == 4 ? "e" : "", legacy[reg]);
}

static const char *size_name(const struct insn *insn, int size)
{
	switch (size) {
	case 1:
		return "byte ptr ";
	case 2:
		return "word ptr ";
	case 4:
		return insn->op == OP_BOUND ? "word pair ptr " : "dword ptr ";
	case 6:
		return "fword ptr ";
	case 8:
		return "qword ptr ";
	case 10:
		return "tbyte ptr ";
	case 16:
		return "xmmword ptr ";
	default:
		return "";
	}
}

static uint64_t truncated(uint64_t value, int size)
{
	return size >= 8 ? value : value & ((1ull << 8 * size) - 1);
}

static void put_displacement(struct text *t, const struct insn *insn, bool first)
{
	int64_t disp = insn->disp;

	if (first)
		put(t, "0x%" PRIx64, truncated(disp, insn->addrsize));
	else if (disp < 0)
		put(t, "-0x%" PRIx64, -(uint64_t)disp);
	else
		put(t, "+0x%" PRIx64, (uint64_t)disp);
}

static bool is_absolute(const struct insn *insn)
{
	return insn->opcode >= 0xa0 && insn->opcode <= 0xa3 && insn->op == OP_MOV;
}

static void put_memory(struct text *t, const struct insn *insn, int size)
{
	bool first = true;

	put(t, "%s", size_name(insn, size));
	if (insn->seg_override || (insn->base == REG_NONE && insn->index == REG_NONE && !insn->rip_rel))
		put(t, "%s:", segment_names[insn->seg]);
	put(t, "[");
	if (insn->rip_rel)
		put(t, insn->addrsize == 4 ? "eip" : "rip");
	if (insn->base != REG_NONE)
		put_gpr(t, insn->base, insn->addrsize, true);
	if (insn->index != REG_NONE) {
		put(t, insn->base != REG_NONE ? "+" : "");
		put_gpr(t, insn->index, insn->addrsize, true);
		if (insn->addrsize > 2)
			put(t, "*%d", 1 << insn->scale);
	}
	first = insn->base == REG_NONE && insn->index == REG_NONE && !insn->rip_rel;
	if (is_absolute(insn))
		put(t, "0x%" PRIx64, truncated(insn->imm, insn->addrsize));
	else if (insn->disp != 0 || first || insn->rip_rel)
		put_displacement(t, insn, first);
	put(t, "]");
}

static void put_operand(struct text *t, const struct insn *insn, const struct operand *o, uint64_t eip)
{
	switch (o->kind) {
	case OPD_GPR:
		put_gpr(t, o->reg, o->size, insn->rex != 0);
		break;
	case OPD_MEM:
		put_memory(t, insn, o->size);
		break;
	case OPD_IMM:
		put(t, "0x%" PRIx64, truncated(insn->imm, insn->opsize == 8 && o->size == 4 ? 8 : o->size));
		break;
	case OPD_REL:
		put(t, "0x%" PRIx64, truncated(eip + insn->len + insn->imm, insn->opsize));
		break;
	case OPD_FAR:
		put(t, "0x%x:0x%" PRIx64, insn->far_sel, (uint64_t)insn->imm);
		break;
	case OPD_SEG:
		put(t, "%s", segment_names[o->reg]);
		break;
	case OPD_CR:
		put(t, "cr%d", o->reg);
		break;
	case OPD_DR:
		put(t, "dr%d", o->reg);
		break;
	case OPD_ST:
		put(t, "st(%d)", o->reg);
		break;
	case OPD_MMX:
		put(t, "mm%d", o->reg);
		break;
	case OPD_XMM:
		put(t, "xmm%d", o->reg);
		break;
	}
}

static const char *const condition_names[16] = {
	"o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g",
};

static char size_letter(int size) { return size == 1 ? 'b' : size == 2 ? 'w' : size == 4 ? 'd' : 'q'; }

/* Mnemonics that are spelt differently for each size. */
static bool put_sized_mnemonic(struct text *t, const struct insn *insn)
{
	static const char *const cbw[] = {"cbw", "cwde", "cdqe"}, *const cwd[] = {"cwd", "cdq", "cqo"};
	int by_size = insn->opsize == 2 ? 0 : insn->opsize == 4 ? 1 : 2;

	switch (insn->op) {
	case OP_CBW:
		put(t, "%s", cbw[by_size]);
		return true;
	case OP_CWD:
		put(t, "%s", cwd[by_size]);
		return true;
	case OP_JCXZ:
		put(t, "%s", insn->addrsize == 2 ? "jcxz" : insn->addrsize == 4 ? "jecxz" : "jrcxz");
		return true;
	case OP_MOVS:
	case OP_CMPS:
	case OP_STOS:
	case OP_LODS:
	case OP_SCAS:
	case OP_INS:
	case OP_OUTS:
		put(t, "%s%c", insn_info[insn->op].name, size_letter(insn->opsize));
		return true;
	case OP_X87:
		put(t, "x87 %02x/%02x", insn->opcode, insn->modrm);
		return true;
	default:
		return false;
	}
}

static void put_mnemonic(struct text *t, const struct insn *insn)
{
	if (insn->lock)
		put(t, "lock ");
	if (insn->rep == REP_REP && insn->op != OP_PAUSE)
		put(t, insn->op == OP_CMPS || insn->op == OP_SCAS ? "repe " : "rep ");
	if (insn->rep == REP_REPNE)
		put(t, "repne ");
	if (put_sized_mnemonic(t, insn))
		return;
	put(t, "%s", insn_info[insn->op].name);
	if (insn->op == OP_JCC || insn->op == OP_SETCC || insn->op == OP_CMOVCC)
		put(t, "%s", condition_names[insn->cond]);
}

int insn_format(char *buf, size_t size, const struct insn *insn, uint64_t eip)
{
	struct text t = {buf, size, 0};

	if (size)
		buf[0] = 0;
	put_mnemonic(&t, insn);
	for (int n = 0; n < insn->nopd; n++) {
		put(&t, n ? "," : " ");
		put_operand(&t, insn, &insn->opd[n], eip);
	}
	if (insn->op == OP_ENTER)
		put(&t, ",0x%" PRIx64, (uint64_t)insn->imm2);
	return t.len;
}
