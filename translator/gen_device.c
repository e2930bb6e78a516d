/* What MOV, MOVZX and arithmetic that only reads memory do with an emulated device, where the instruction is known for that (device_site.h). */
#include "translator/cpu.h"
#include "translator/device_site.h"
#include "translator/gen.h"
#include "translator/region.h"

/* Whether the current instruction is known, and may be left for C. */
static bool is_site(const struct tr *t)
{
	if (t->single || t->live.active || t->mode & MODE_AC)
		return false;
	return device_site_known(t->cpu, t->region->entry_gpa + (t->eip - t->region->eip));
}

bool gen_is_device_site(const struct tr *t, const struct rinsn *r)
{
	return t->device_sites && device_site_known(t->cpu, t->region->entry_gpa + (r->eip - t->region->eip));
}

/* T1 = the address of the operand in memory. */
static void address(struct tr *t, const struct insn *i, int size, int write)
{
	struct maddr m = gen_address(t, i, (unsigned)size, write, T0);

	la_addi_d(&t->e, T1, m.reg, m.disp);
	gen_sp_settle(t);
}

/* T0 = the operand in memory, zero-extended. */
static void load(struct tr *t, const struct insn *i, int size)
{
	address(t, i, size, MEM_LOAD);
	gen_li(t, T2, size);
	gen_helper(t, (const void *)device_site_load);
}

bool gen_device_operand(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0], *s = &i->opd[1];
	bool compares = i->op == OP_CMP || i->op == OP_TEST;

	if (!(s->kind == OPD_MEM || (d->kind == OPD_MEM && compares)) || !is_site(t))
		return false;
	load(t, i, d->size);
	return true;
}

bool gen_device_mov(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0], *s = &i->opd[1];
	bool stores = d->kind == OPD_MEM, loads = s->kind == OPD_MEM;
	int size = d->size;

	if (stores == loads || (stores ? s->kind != OPD_GPR && s->kind != OPD_IMM : d->kind != OPD_GPR) || !is_site(t))
		return false;
	if (loads) {
		load(t, i, s->size);
		gen_gpr_write(t, d->reg, d->size, T0, false);
		return true;
	}
	address(t, i, size, MEM_STORE);
	if (s->kind == OPD_IMM)
		gen_li(t, T2, size == 8 ? i->imm : i->imm & (int64_t)((1ull << 8 * size) - 1));
	else
		la_bstrpick_d(&t->e, T2, gen_gpr_read(t, s->reg, size, false, T2), 8 * size - 1, 0);
	gen_li(t, T3, size);
	gen_helper(t, (const void *)device_site_store);
	return true;
}
