// SOURCES: translator/x87.c translator/x87_effect.c translator/x87_arith.c translator/x87_mem.c translator/x87_rem.c translator/x87_state.c translator/x87_trans.c translator/x87_func.c translator/x87_double.c translator/softfloat.c translator/softfloat_pack.c translator/decode_tables.c
/* Every x87 encoding against this CPU: edge and random operands, all roundings and precisions, masked and unmasked exceptions. */
#include "tests/unit/x87_model.h"
#include "tests/unit/x87_operands.h"

#include <signal.h>

#include "translator/decode_tables.h"

/* ---- what is compared ---- */

/* F2XM1, FYL2X, FPTAN, FPATAN, FYL2XP1, FSINCOS, FSIN, FCOS: D9 F0-F3, F9, FB, FE, FF */
static bool transcendental(unsigned esc, unsigned modrm)
{
	return esc == 1 && modrm >= 0xf0 && (0xca0fu >> (modrm & 15) & 1);
}

/* Units in the last place between two finite numbers of the same sign. */
static bool close_enough(struct f80 a, struct f80 b)
{
	int64_t d = (int64_t)(a.mant - b.mant);
	int e = (a.sexp & 0x7fff) - (b.sexp & 0x7fff);

	if ((a.sexp ^ b.sexp) >> 15)
		return false;
	if (e == 0)
		return d >= -1 && d <= 1;
	return (e == 1 && a.mant == 1ull << 63 && b.mant == ~0ull) || (e == -1 && b.mant == 1ull << 63 && a.mant == ~0ull);
}

/* Operands outside what the manual defines a result for. */
static bool undefined_operands(unsigned modrm, const struct state *in)
{
	struct fp x = fp_from80(st_of(in, 0));

	if (x.cls != FP_CLS_FINITE)
		return false;
	if (modrm == 0xf0)
		return x.exp > 0 || (x.exp == 0 && x.mant << 1);
	return modrm == 0xf9 && (x.exp > -1 || (x.exp == -1 && x.mant >> 64 > (x.sign ? 0x95f619980c4336f7 : 0xd413cccfe7799211)));
}

/*
 * Comparisons: the manual says that C1 is cleared, and that an unmasked exception leaves the condition codes alone and nothing is
 * popped. AMD's CPUs leave C1 after FCOMI, and set the codes whatever is masked.
 */
static bool comparison(unsigned esc, unsigned modrm)
{
	unsigned reg = modrm >> 3 & 7;

	if (modrm < 0xc0)
		return !(esc & 1) && (reg == 2 || reg == 3);
	if (esc == 1)
		return modrm == 0xe4;
	if (esc & 1)
		return esc == 5 ? reg == 4 || reg == 5 : reg == 5 || reg == 6;
	return reg == 2 || reg == 3 || modrm == 0xe9;
}

/* FNSTENV and FNSAVE: the selectors in the image are not kept by CPUs of today. */
static void drop_selectors(unsigned esc, unsigned modrm, unsigned opsize, struct state *s)
{
	unsigned fcs = opsize == 2 ? 8 : 16, fds = opsize == 2 ? 12 : 24;

	if ((esc == 1 || esc == 5) && modrm >> 3 == 6)
		s->memory[fcs] = s->memory[fcs + 1] = s->memory[fds] = s->memory[fds + 1] = 0;
}

static void make_comparable(unsigned esc, unsigned modrm, unsigned opsize, struct state *want, struct state *got)
{
	want->x87.fop &= 0x7ff;
	want->x87.fcs = want->x87.fds = 0;
	drop_selectors(esc, modrm, opsize, want);
	drop_selectors(esc, modrm, opsize, got);
	if (comparison(esc, modrm)) {
		want->x87.sw = (want->x87.sw & ~SW_C1) | (got->x87.sw & SW_C1);
		if (want->x87.sw & SW_ES) {
			want->x87.sw = (want->x87.sw & ~SW_CC) | (got->x87.sw & SW_CC);
			want->flags = got->flags;
		}
	}
	if (!transcendental(esc, modrm))
		return;
	for (unsigned i = 0; i < 8; i++) {
		if (close_enough(st_of(want, i), st_of(got, i)))
			got->x87.st[i] = want->x87.st[i];
	}
	want->x87.sw &= ~SW_C1;
	got->x87.sw &= ~SW_C1;
}

static bool same(const struct state *a, const struct state *b)
{
	return !memcmp(&a->x87, &b->x87, sizeof(a->x87)) && a->flags == b->flags && !memcmp(a->memory, b->memory, sizeof(a->memory));
}

static bool print_all;
static void print_state(const char *name, const struct state *s)
{
	printf("  %-4s cw %04x sw %04x tags %04x flags %03x fip %x fdp %x fop %03x mem", name, s->x87.cw & 0xffff, s->x87.sw & 0xffff,
	       s->x87.tags & 0xffff, s->flags, s->x87.fip, s->x87.fdp, s->x87.fop);
	for (int i = 9; i >= 0; i--)
		printf(" %02x" + (i != 9 && i != 7), s->memory[i]);
	if (print_all) {
		for (unsigned i = 0; i < OPERAND_MAX; i++)
			printf(" %02x", s->memory[i]);
	}
	printf("\n      ");
	for (unsigned i = 0; i < 8; i++)
		printf(" %04x:%016llx", s->x87.st[i].sexp, (unsigned long long)s->x87.st[i].mant);
	printf("\n");
}

/* ---- all encodings ---- */

static bool encoding_exists(unsigned esc, unsigned modrm)
{
	unsigned reg = modrm >> 3 & 7;

	if (esc == 7 && modrm == 0xe0) /* FNSTSW AX is translated */
		return false;
	if (modrm >= 0xc0)
		return decode_x87_reg[esc][reg] >> (modrm & 7) & 1;
	return decode_x87_mem[esc][reg] != X87_BAD;
}

static unsigned max_reports = 3;

/* One case both ways. Returns whether they agree. */
static bool check(unsigned esc, unsigned modrm, unsigned opsize, const struct state *in, bool report)
{
	struct state want, got;
	bool right = false;

	model_run(esc, modrm, opsize, in, &got);
	for (int k = 0; k < 3 && !right; k++) {
		/* again, for AMD's CPUs lose the pointers when the process is preempted */
		native_run(in, &want);
		make_comparable(esc, modrm, opsize, &want, &got);
		right = same(&want, &got);
	}
	if (right) {
		passed++;
		return true;
	}
	failed++;
	if (report) {
		printf("%02X %02X, operand size %u:\n", 0xd8 + esc, modrm, opsize);
		print_state("in", in);
		print_state("want", &want);
		print_state("got", &got);
	}
	return false;
}

static void compile(unsigned esc, unsigned modrm, unsigned opsize)
{
	uint8_t insn[3] = { 0x66, (uint8_t)(0xd8 + esc), (uint8_t)modrm };

	native_compile(opsize == 2 ? insn : insn + 1, opsize == 2 ? 3 : 2);
}

static void test_encoding(unsigned esc, unsigned modrm, unsigned cases)
{
	unsigned bad = 0;

	compile(esc, modrm, 4);
	for (unsigned n = 0; n < cases; n++) {
		struct state in;

		random_state(&in);
		if (!transcendental(esc, modrm) || !undefined_operands(modrm, &in))
			bad += !check(esc, modrm, 4, &in, bad < max_reports);
	}
	if (bad)
		printf("%02X %02X: %u of %u differ\n", 0xd8 + esc, modrm, bad, cases);
}

static void test_encodings(void)
{
	for (unsigned esc = 0; esc < 8; esc++) {
		for (unsigned reg = 0; reg < 8; reg++) {
			if (encoding_exists(esc, reg << 3 | 2))
				test_encoding(esc, reg << 3 | 2, 20000); /* [rdx] */
		}
		for (unsigned modrm = 0xc0; modrm < 0x100; modrm++) {
			if (encoding_exists(esc, modrm))
				test_encoding(esc, modrm, esc == 1 && modrm >= 0xe0 ? 20000 : 4000);
		}
	}
}

/* ---- FLDENV, FNSTENV, FRSTOR, FNSAVE in both sizes, with images that make sense ---- */

static void random_image(unsigned opsize, uint8_t *p)
{
	struct state s;
	unsigned env = opsize == 2 ? 14 : 28;

	random_state(&s);
	s.x87.cw |= (unsigned)rnd() & 0x3f;
	s.x87.sw |= (unsigned)rnd() & (FPE_ALL | SW_SF | SW_ES | SW_B); /* pending exceptions, too */
	s.x87.fip = (uint32_t)rnd();
	s.x87.fdp = (uint32_t)rnd();
	s.x87.fop = (uint16_t)rnd();
	for (unsigned k = 0; k < 7 && opsize == 2; k++)
		memcpy(p + 2 * k, (uint8_t *)&s.x87 + 4 * k, 2);
	if (opsize == 4)
		memcpy(p, &s.x87, env);
	memcpy(p + env, s.x87.st, sizeof(s.x87.st));
}

static void test_images(void)
{
	static const uint8_t insns[4][2] = { { 1, 4 }, { 1, 6 }, { 5, 4 }, { 5, 6 } };

	for (unsigned k = 0; k < 8; k++) {
		unsigned esc = insns[k / 2][0], modrm = insns[k / 2][1] << 3 | 2u, opsize = k & 1 ? 4 : 2, bad = 0;

		compile(esc, modrm, opsize);
		for (unsigned n = 0; n < 20000; n++) {
			struct state in;

			random_state(&in);
			random_image(opsize, in.memory);
			bad += !check(esc, modrm, opsize, &in, bad < max_reports);
		}
	}
}

static void expect(bool ok, const char *what, unsigned esc, unsigned modrm)
{
	if (ok) {
		passed++;
	} else {
		failed++;
		printf("%02X %02X: %s\n", 0xd8 + esc, modrm, what);
	}
}

/* In real mode the images hold linear addresses and the opcode (Intel SDM volume 1, figures 8-10 and 8-12). */
static void test_real_images(void)
{
	static const uint16_t want16[7] = { 0x37f, 0, 0xffff, 0x2346, 0x1123, 0xf000, 0x5000 };
	static const uint32_t want32[7] = { 0xffff037f, 0xffff0000, 0xffffffff, 0xffff2346, 0x00001123, 0xfffff000, 0x00005000 };
	struct x87 *f = &c->x87;

	c->cr0 = CR0_NE;
	for (unsigned opsize = 2; opsize <= 4; opsize += 2) {
		x87_init(c);
		f->fcs = 0x1000;
		f->fip = 0x2346;
		f->fds = 0x5000;
		f->fdp = 0xf000;
		f->fop = 0x123;
		x87_fnstenv(c, opsize << 24, (uintptr_t)native_memory);
		expect(!memcmp(model_memory, opsize == 2 ? (const void *)want16 : want32, opsize * 7), "real-mode image", 1, 0x32);
		x87_fldenv(c, opsize << 24, (uintptr_t)native_memory);
		expect(f->fip == 0x12346 && f->fdp == 0x5f000 && f->fop == 0x123, "real-mode image loaded", 1, 0x22);
	}
	c->cr0 = CR0_PE | CR0_NE;
}

/* ---- pending exceptions, page faults ---- */

static sigjmp_buf native_trap;
static void on_fpe(int sig)
{
	siglongjmp(native_trap, sig);
}

static bool native_traps(const struct state *in)
{
	struct state out;
	bool trapped = true;

	if (!sigsetjmp(native_trap, 1)) {
		native_run(in, &out);
		trapped = false;
	}
	__asm__ volatile("fninit");
	return trapped;
}

/* random_state() knows two tags only, empty and valid. */
static void same_tags(const struct state *in, struct state *got)
{
	uint32_t empty_before = in->x87.tags & in->x87.tags >> 1 & 0x5555, empty = got->x87.tags & got->x87.tags >> 1 & 0x5555;

	if (empty == empty_before)
		got->x87.tags = in->x87.tags;
}

/* Which encodings wait; a #MF leaves everything as it was. */
static void test_waits(unsigned esc, unsigned modrm)
{
	struct state in, got;

	compile(esc, modrm, 4);
	random_state(&in);
	in.x87.cw = (in.x87.cw & ~FPE_ALL) | (FPE_ALL & ~FPE_Z);
	in.x87.sw |= FPE_Z | SW_ES | SW_B;
	expect((model_run(esc, modrm, 4, &in, &got) == EXC_MF) == native_traps(&in), "waits or not", esc, modrm);
	if (raised == EXC_MF) {
		same_tags(&in, &got);
		expect(same(&in, &got), "state after #MF", esc, modrm);
	}
	in.x87.cw |= FPE_ALL;
	in.x87.sw &= ~(SW_ES | SW_B);
	if (modrm >= 0xc0)
		return;
	page_gone = true;
	expect(model_run(esc, modrm, 4, &in, &got) == EXC_PF && fault_address == (uintptr_t)native_memory, "page fault", esc, modrm);
	page_gone = false;
	same_tags(&in, &got);
	expect(same(&in, &got), "state after a page fault", esc, modrm);
}

static int run(uint64_t (*fn)(struct cpu *))
{
	raised = NOTHING;
	if (!setjmp(c->unwind))
		fn(c);
	return raised;
}

/* FWAIT, and the PC's way of reporting. */
static void test_wait(void)
{
	x87_init(c);
	expect(run(x87_wait) == NOTHING && run(x87_wait_or_trap) == NOTHING, "FWAIT", 0, 0);
	c->cr0 |= CR0_TS;
	expect(run(x87_wait_or_trap) == NOTHING, "FWAIT with TS", 0, 0);
	c->cr0 |= CR0_MP;
	expect(run(x87_wait_or_trap) == EXC_NM, "FWAIT with TS and MP", 0, 0);
	c->cr0 = CR0_PE | CR0_NE;
	x87_set_cw(c, CW_INIT & ~FPE_Z);
	x87_raise(c, FPE_Z);
	expect(run(x87_wait) == EXC_MF && !ferr, "#MF", 0, 0);
	c->cr0 = CR0_PE;
	c->pending = 0;
	c->eflags = FL_1;
	irq13_deliverable = true;
	expect(run(x87_wait) == NOTHING && ferr, "FERR# with interrupts off", 0, 0);
	c->eflags |= FL_IF;
	expect(run(x87_wait) == EXITED && ferr, "FERR#", 0, 0);
	x87_set_cw(c, CW_INIT);
	expect(!ferr && run(x87_wait) == NOTHING, "FERR# falls", 0, 0);
	c->cr0 = CR0_PE | CR0_NE;
}

static void test_exceptions(void)
{
	signal(SIGFPE, on_fpe);
	for (unsigned esc = 0; esc < 8; esc++) {
		for (unsigned modrm = 2; modrm < 0x100; modrm += modrm < 0x3a ? 8 : modrm < 0xc0 ? 0xc0 - 0x3a : 1) {
			if (encoding_exists(esc, modrm))
				test_waits(esc, modrm);
		}
	}
}

int main(int argc, char **argv)
{
	native_init();
	c->cr0 = CR0_PE | CR0_NE;
	if (argc > 2) {
		print_all = argc > 4;
		max_reports = argc > 3 ? (unsigned)atoi(argv[3]) : 3;
		test_encoding((unsigned)strtoul(argv[1], NULL, 16) - 0xd8, (unsigned)strtoul(argv[2], NULL, 16), 20000);
	} else {
		test_encodings();
		test_images();
		test_real_images();
		test_exceptions();
		test_wait();
	}
	return report();
}
