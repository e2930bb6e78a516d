/* MOV and MOVZX between a register or a constant and an emulated device, where the instruction is known for that (device_site.h). */
#include "translator/cpu.h"
#include "translator/device_site.h"
#include "translator/region.h"
#include "translator/tr.h"

static bool calls(const struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0], *s = &i->opd[1];

	if (t->single || t->live.active || t->mode & MODE_AC || d->kind == s->kind || (d->kind != OPD_MEM && s->kind != OPD_MEM))
		return false;
	if (d->kind == OPD_MEM ? s->kind != OPD_GPR && s->kind != OPD_IMM : d->kind != OPD_GPR)
		return false;
	return device_site_known(t->cpu, t->region->entry_gpa + (t->eip - t->region->eip));
}

bool gen_device_mov(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0], *s = &i->opd[1];
	bool stores = d->kind == OPD_MEM;
	int size = stores ? d->size : s->size;

	if (!calls(t, i))
		return false;
	struct maddr m = gen_address(t, i, (unsigned)size, stores ? MEM_STORE : MEM_LOAD, T0);
	la_addi_d(&t->e, T1, m.reg, m.disp);
	gen_sp_settle(t);
	if (!stores) {
		gen_li(t, T2, size);
		gen_helper(t, (const void *)device_site_load);
		gen_gpr_write(t, d->reg, d->size, T0, false);
		return true;
	}
	if (s->kind == OPD_IMM)
		gen_li(t, T2, size == 8 ? i->imm : i->imm & (int64_t)((1ull << 8 * size) - 1));
	else
		la_bstrpick_d(&t->e, T2, gen_gpr_read(t, s->reg, size, false, T2), 8 * size - 1, 0);
	gen_li(t, T3, size);
	gen_helper(t, (const void *)device_site_store);
	return true;
}
