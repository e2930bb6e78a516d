/* The x87's registers, exceptions and the dispatch by opcode. */
#include "translator/x87.h"

#include "translator/board.h"

void x87_init(struct cpu *cpu)
{
	struct x87 *f = &cpu->x87;

	f->sw = 0;
	f->top = f->c1 = 0;
	f->tag_empty = 0xff;
	f->fop = 0;
	f->fcs = f->fds = 0;
	f->fip = f->fdp = 0;
	x87_set_cw(cpu, CW_INIT);
	board_ferr(cpu, false);
}

/* ES and B say whether an unmasked exception flag is set; FERR# follows when it goes away. */
static void update_summary(struct cpu *cpu)
{
	struct x87 *f = &cpu->x87;

	if (f->sw & ~f->cw & FPE_ALL) {
		f->sw |= SW_ES | SW_B;
		f->es = 1;
		return;
	}
	if (f->sw & SW_ES)
		board_ferr(cpu, false);
	f->sw &= (uint16_t)~(SW_ES | SW_B);
	f->es = 0;
}

/* To be called when RC, PC, a mask or PE has changed. */
static void update_ctl(struct cpu *cpu)
{
	struct x87 *f = &cpu->x87;
	uint8_t ctl = (uint8_t)((f->cw >> 8 & (X87_CTL_PC | X87_CTL_RC)) | (f->cw & FPE_P ? X87_CTL_PM : 0));

	if ((ctl & X87_CTL_PC) == X87_CTL_PC53 && (f->cw & FPE_ALL) == FPE_ALL && f->sw & FPE_P)
		ctl |= X87_CTL_DOUBLES;
	f->ctl = ctl;
}

void x87_set_cw(struct cpu *cpu, uint16_t cw)
{
	x87_settle_c1(cpu); /* it may depend on RC */
	cpu->x87.cw = (uint16_t)((cw & CW_MASK) | CW_ONE);
	update_summary(cpu);
	update_ctl(cpu);
}

void x87_set_sw(struct cpu *cpu, uint16_t sw)
{
	x87_set_top(cpu, sw >> SW_TOP_SHIFT);
	x87_set_c1(cpu, sw & SW_C1);
	cpu->x87.sw = (uint16_t)((sw & ~(SW_ES | SW_B | SW_TOP | SW_C1)) | (cpu->x87.sw & (SW_ES | SW_B)));
	update_summary(cpu);
	update_ctl(cpu);
}

uint16_t x87_tag_word(const struct cpu *cpu)
{
	enum { VALID = 0, ZERO = 1, SPECIAL = 2, EMPTY = 3 };
	unsigned word = 0;

	for (unsigned p = 0; p < 8; p++) {
		uint64_t mant = cpu->x87.st[p].mant;
		unsigned exp = cpu->x87.st[p].sexp & 0x7fff, tag;

		if (cpu->x87.tag_empty >> p & 1)
			tag = EMPTY;
		else if (exp == 0 && mant == 0)
			tag = ZERO;
		else
			tag = exp == 0 || exp == 0x7fff || !(mant >> 63) ? SPECIAL : VALID;
		word |= tag << (2 * p);
	}
	return (uint16_t)word;
}

void x87_set_tag_word(struct cpu *cpu, uint16_t tags)
{
	cpu->x87.tag_empty = 0;
	for (unsigned p = 0; p < 8; p++)
		if ((tags >> (2 * p) & 3) == 3)
			cpu->x87.tag_empty |= (uint8_t)(1u << p);
}

void x87_put(struct cpu *cpu, unsigned i, struct f80 v)
{
	unsigned p = x87_phys(cpu, i);

	cpu->x87.st[p].mant = v.mant;
	cpu->x87.st[p].sexp = v.sexp;
	cpu->x87.tag_empty &= (uint8_t)~(1u << p);
}

void x87_push(struct cpu *cpu, struct f80 v)
{
	x87_set_top(cpu, x87_top(cpu) - 1);
	x87_put(cpu, 0, v);
}

void x87_pop(struct cpu *cpu)
{
	cpu->x87.tag_empty |= (uint8_t)(1u << x87_top(cpu));
	x87_set_top(cpu, x87_top(cpu) + 1);
}

struct fp_env x87_env(const struct cpu *cpu)
{
	static const uint8_t precision[4] = { 24, 64, 53, 64 };
	uint16_t cw = cpu->x87.cw;

	return (struct fp_env){
		.rm = cw >> 10 & 3, .prec = precision[cw >> 8 & 3], .x87 = true, .unmasked = (uint8_t)(~cw & FPE_ALL),
	};
}

bool x87_raise(struct cpu *cpu, unsigned flags)
{
	cpu->x87.sw |= (uint16_t)flags;
	if (flags & FPE_P)
		update_ctl(cpu);
	if (!(flags & ~cpu->x87.cw & FPE_ALL))
		return false;
	cpu->x87.sw |= SW_ES | SW_B;
	cpu->x87.es = 1;
	return true;
}

bool x87_stack_underflow(struct cpu *cpu)
{
	x87_set_c1(cpu, false);
	return !x87_raise(cpu, FPE_I | SW_SF);
}

bool x87_stack_overflow(struct cpu *cpu)
{
	x87_set_c1(cpu, true);
	return !x87_raise(cpu, FPE_I | SW_SF);
}

bool x87_result(struct cpu *cpu, unsigned i, struct fp_env *env, struct fp v)
{
	struct f80 r;

	x87_set_c1(cpu, false);
	if (env->flags & env->unmasked & FPE_BEFORE) {
		x87_raise(cpu, env->flags & FPE_BEFORE);
		return false;
	}
	r = fp_to80(env, v);
	x87_put(cpu, i, r);
	x87_set_c1(cpu, env->up);
	x87_raise(cpu, env->flags);
	return true;
}

/*
 * With CR0.NE clear the exception travels as an interrupt (FERR# to IRQ 13). A real FPU then stands still until the interrupt is
 * taken; here the instruction starts again after it if one is deliverable, else goes on as with IGNNE#.
 */
uint64_t x87_wait(struct cpu *cpu)
{
	if (!(cpu->x87.sw & SW_ES))
		return 0;
	if (cpu->cr0 & CR0_NE)
		cpu_raise(cpu, EXC_MF);
	board_ferr(cpu, true);
	if (cpu->pending & PEND_INTR && cpu->eflags & FL_IF)
		cpu_exit(cpu);
	return 0;
}

uint64_t x87_wait_or_trap(struct cpu *cpu)
{
	if (cpu->cr0 & CR0_TS && cpu->cr0 & CR0_MP)
		cpu_raise(cpu, EXC_NM);
	return x87_wait(cpu);
}

/* ---- dispatch ---- */

static x87_mem_fn *const mem_ops[8][8] = {
	{ [0 ... 7] = x87_arith_m32 },
	{ x87_fld_m32, NULL, x87_fst_m32, x87_fst_m32, x87_fldenv, x87_fldcw, x87_fnstenv, x87_fnstcw },
	{ [0 ... 7] = x87_arith_mi32 },
	{ x87_fild_m32, x87_fisttp_m32, x87_fist_m32, x87_fist_m32, NULL, x87_fld_m80, NULL, x87_fstp_m80 },
	{ [0 ... 7] = x87_arith_m64 },
	{ x87_fld_m64, x87_fisttp_m64, x87_fst_m64, x87_fst_m64, x87_frstor, NULL, x87_fnsave, x87_fnstsw },
	{ [0 ... 7] = x87_arith_mi16 },
	{ x87_fild_m16, x87_fisttp_m16, x87_fist_m16, x87_fist_m16, x87_fbld, x87_fild_m64, x87_fbstp, x87_fistp_m64 },
};

static uint64_t nop(struct cpu *cpu, unsigned rm, uint32_t info)
{
	(void)cpu, (void)rm, (void)info;
	return 0;
}

/* DB E0-E7: FNCLEX, FNINIT; FNENI, FNDISI and FNSETPM of older FPUs do nothing. */
static uint64_t control(struct cpu *cpu, unsigned rm, uint32_t info)
{
	(void)info;
	if (rm == 2) {
		cpu->x87.sw &= (uint16_t)~(FPE_ALL | SW_SF);
		update_summary(cpu);
		update_ctl(cpu);
	} else if (rm == 3) {
		x87_init(cpu);
	}
	return 0;
}

static x87_reg_fn *const reg_ops[8][8] = {
	{ [0 ... 7] = x87_arith_st0 },
	{ x87_fld_st, x87_fxch, nop, x87_fstp_quiet, x87_unary, x87_constant, x87_stack_unary, x87_stack_unary },
	{ x87_fcmov, x87_fcmov, x87_fcmov, x87_fcmov, NULL, x87_compare_pop2, NULL, NULL },
	{ x87_fcmov, x87_fcmov, x87_fcmov, x87_fcmov, control, x87_fcomi, x87_fcomi, NULL },
	{ x87_arith_sti, x87_arith_sti, x87_arith_st0, x87_arith_st0, [4 ... 7] = x87_arith_sti },
	{ x87_ffree, x87_fxch, x87_fst_st, x87_fst_st, x87_fucom, x87_fucom, NULL, NULL },
	{ x87_arith_sti_pop, x87_arith_sti_pop, x87_arith_st0, x87_compare_pop2, [4 ... 7] = x87_arith_sti_pop },
	{ x87_ffree, x87_fxch, x87_fst_st, x87_fst_st, NULL, x87_fcomi, x87_fcomi, NULL },
};

static void set_pointers(struct cpu *cpu, uint32_t info, bool mem, uint64_t lin)
{
	struct x87 *f = &cpu->x87;

	f->fop = (uint16_t)X87_INFO_FOP(info);
	f->fcs = cpu->seg[SEG_CS].sel;
	f->fip = cpu->eip;
	if (mem) {
		const struct seg *s = &cpu->seg[X87_INFO_SEG(info)];

		f->fds = s->sel;
		f->fdp = cpu->mode & MODE_LONG ? lin : (uint32_t)(lin - s->base);
	}
}

/* The control instructions that load or store more than control and status word: FLDENV, FRSTOR, FNSTENV, FNSAVE. */
static bool looks_at_registers(unsigned esc, unsigned modrm)
{
	return modrm < 0xc0 && (esc == 5 || !(modrm & 8)) && (modrm >> 3 & 7) != 7;
}

uint64_t x87_exec(struct cpu *cpu, uint64_t info64, uint64_t lin)
{
	uint32_t info = (uint32_t)info64;
	unsigned modrm = X87_INFO_MODRM(info), esc = X87_INFO_ESC(info), reg = modrm >> 3 & 7;
	bool mem = modrm < 0xc0;

	if (mem ? !mem_ops[esc][reg] : !reg_ops[esc][reg])
		cpu_raise(cpu, EXC_UD);
	if (!x87_no_wait(esc, modrm))
		x87_wait(cpu);
	if (!x87_is_control(esc, modrm) || looks_at_registers(esc, modrm))
		x87_spill(cpu);
	/* pointers last: a page fault must leave them */
	uint64_t result = mem ? mem_ops[esc][reg](cpu, info, lin) : reg_ops[esc][reg](cpu, modrm & 7, info);
	if (!x87_is_control(esc, modrm))
		set_pointers(cpu, info, mem, lin);
	x87_refill(cpu);
	return result;
}
