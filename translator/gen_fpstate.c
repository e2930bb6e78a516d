/* FXSAVE, FXRSTOR, XSAVE, XRSTOR and the registers that say what the latter do: all in C. */
#include "translator/fxsave.h"
#include "translator/gen.h"
#include "translator/seg.h"
#include "translator/xsave.h"

/* Arguments of the helpers: offset, segment, and whether REX.W was there. */
static void helper_fxsave(struct cpu *cpu, uint64_t off, uint64_t seg, uint64_t wide)
{
	fxsave(cpu, seg_lin(cpu, (int)seg, off, 512, 1), wide);
}

static void helper_fxrstor(struct cpu *cpu, uint64_t off, uint64_t seg, uint64_t wide)
{
	fxrstor(cpu, seg_lin(cpu, (int)seg, off, 512, 0), wide);
}

static void helper_xsave(struct cpu *cpu, uint64_t off, uint64_t seg, uint64_t wide)
{
	xsave(cpu, seg_lin(cpu, (int)seg, off, XSAVE_SIZE, 1), wide);
}

static void helper_xrstor(struct cpu *cpu, uint64_t off, uint64_t seg, uint64_t wide)
{
	xrstor(cpu, seg_lin(cpu, (int)seg, off, XSAVE_SIZE, 0), wide);
}

static void save_or_restore(struct tr *t, const struct insn *i, const void *helper, bool restore)
{
	gen_xmm_sync(t);
	gen_effective(t, i, T1);
	gen_li(t, T2, i->seg);
	gen_li(t, T3, i->rex >> 3 & 1);
	gen_helper(t, helper);
	if (!restore)
		return;
	gen_xmm_reload(t);
	t->x87.sure = false;
	gen_poll(t, t->next_eip);
}

static void fx(struct tr *t, const struct insn *i)
{
	bool restore = i->op == OP_FXRSTOR;

	if (t->mode & MODE_FPU_TRAP)
		gen_raise(t, EXC_NM, false, 0);
	else
		save_or_restore(t, i, restore ? (const void *)helper_fxrstor : (const void *)helper_fxsave, restore);
}

int gen_fpstate(struct tr *t, const struct insn *i)
{
	switch (i->op) {
	case OP_FXSAVE:
	case OP_FXRSTOR: fx(t, i); return 0;
	case OP_XSAVE:
	case OP_XSAVEOPT: save_or_restore(t, i, (const void *)helper_xsave, false); return 0;
	case OP_XRSTOR: save_or_restore(t, i, (const void *)helper_xrstor, true); return 0;
	case OP_XGETBV: gen_helper(t, (const void *)xgetbv); return 0;
	case OP_XSETBV: gen_helper(t, (const void *)xsetbv); return 0;
	}
	return -1;
}
