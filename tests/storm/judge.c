#include "tests/storm/judge.h"

#include <stdio.h>
#include <string.h>

#include "translator/mxcsr.h"
#include "translator/x87.h"


/* ---- functions whose last bit differs between CPUs ---- */

bool judge_defined(const struct program *p, const struct storm_state *in)
{
	unsigned top = in->sw >> SW_TOP_SHIFT & 7, modrm = p->insn[0].modrm;
	struct fp x = fp_from80((struct f80){ in->st[top].mant, in->st[top].sexp });

	if (!p->transcendental || x.cls != FP_CLS_FINITE)
		return true;
	if (modrm == 0xf0) /* F2XM1: |x| <= 1 */
		return x.exp < 0 || (x.exp == 0 && !(x.mant << 1));
	/* FYL2XP1: sqrt(1/2) - 1 <= x <= sqrt(2) - 1 */
	return modrm != 0xf9 || x.exp < -2 || (x.exp == -2 && x.mant >> 64 <= (x.sign ? 0x95f619980c4336f7 : 0xd413cccfe7799211));
}

/* Units in the last place between two numbers of the same sign. */
static bool close_enough(uint64_t a, unsigned a_exp, uint64_t b, unsigned b_exp)
{
	int64_t d = (int64_t)(a - b);

	if (a_exp == b_exp)
		return d >= -1 && d <= 1;
	return (a_exp == b_exp + 1 && a == 1ull << 63 && b == ~0ull) || (b_exp == a_exp + 1 && b == 1ull << 63 && a == ~0ull);
}

static void forgive_last_bit(struct storm_state *want, struct storm_state *got)
{
	for (unsigned k = 0; k < 8; k++)
		if (close_enough(want->st[k].mant, want->st[k].sexp, got->st[k].mant, got->st[k].sexp))
			memcpy(&got->st[k], &want->st[k], sizeof got->st[k]);
}

/* ---- the rest ---- */

/*
 * AMD's CPUs leave C1 after FCOMI, and set the condition codes of comparisons whatever is masked; the manual says that C1 is cleared,
 * and that an unmasked exception leaves the codes alone and nothing is popped.
 */
static void forgive_comparison(const struct program *p, struct storm_state *want, struct storm_state *got)
{
	unsigned mask = (p->fcomi || p->transcendental ? SW_C1 : 0) | (p->compares && want->sw & SW_ES ? SW_CC : 0);

	got->sw = (uint16_t)((got->sw & ~mask) | (want->sw & mask));
	if (p->compares && want->sw & SW_ES)
		got->eflags = want->eflags;
}

/* CPUs of today keep the selectors of the pointers or do not. */
static void forgive_selectors(const struct program *p, const struct storm_state *want, struct storm_state *got)
{
	unsigned fcs = STORM_IMAGE + 4u * p->image, fds = STORM_IMAGE + 6u * p->image;

	if (p->image) {
		memcpy(got->mem + fcs, want->mem + fcs, 2);
		memcpy(got->mem + fds, want->mem + fds, 2);
	}
}

/* What translated code deliberately leaves out (docs/translator.md): DE of inline SSE, and flags at a fault that the program could never read. */
static void forgive_translation(const struct storm_state *in, const struct storm_state *want, struct storm_state *got)
{
	if (want->vector != STORM_END)
		got->eflags = want->eflags;
	if (!mxcsr_is_slow(in->mxcsr) && !(got->mxcsr & FPE_D))
		got->mxcsr |= want->mxcsr & FPE_D;
}

void judge_forgive(const struct program *p, const struct storm_state *in, struct storm_state *want, struct storm_state *got, bool exact)
{
	forgive_comparison(p, want, got);
	forgive_selectors(p, want, got);
	if (p->transcendental)
		forgive_last_bit(want, got);
	if (!exact)
		forgive_translation(in, want, got);
}

bool judge_same(const struct storm_state *a, const struct storm_state *b)
{
	return !memcmp(a, b, sizeof *a);
}

/* ---- reports ---- */

static void print_bytes(const uint8_t *b, unsigned n)
{
	for (unsigned k = 0; k < n; k++)
		printf("%s%02x", k % 8 || !k ? "" : " ", b[k]);
}

static void print_state(const char *name, const struct storm_state *s, const struct storm_state *other)
{
	printf("  %-4s cw %04x sw %04x empty %02x mxcsr %04x eflags %03x vector %d after %u\n      ", name, s->cw, s->sw, s->empty, s->mxcsr, s->eflags,
	       s->vector == STORM_END ? -1 : s->vector, s->done);
	for (unsigned k = 0; k < 8; k++)
		if (memcmp(&s->st[k], &other->st[k], 16) || s == other)
			printf(" R%u %04x:%016llx", k, s->st[k].sexp, (unsigned long long)s->st[k].mant);
	for (unsigned k = 0; k < 4; k++)
		if (memcmp(s->xmm[k], other->xmm[k], 16) || s == other) {
			printf(" xmm%u ", k);
			print_bytes(s->xmm[k], 16);
		}
	printf(" rax %llx rcx %llx\n", (unsigned long long)s->gpr[0], (unsigned long long)s->gpr[1]);
	if (memcmp(s->mem, other->mem, sizeof s->mem) || s == other) {
		printf("       memory ");
		print_bytes(s->mem, s == other ? STORM_IMAGE + 32 : sizeof s->mem);
		printf("\n");
	}
}

void judge_print(const struct program *p, const struct storm_state *in, const struct storm_state *want, const struct storm_state *got)
{
	char text[128];

	printf("%s-bit:\n", p->wide ? "64" : "32");
	for (unsigned k = 0; k < p->n; k++) {
		insn_format(text, sizeof text, &p->insn[k], STORM_EIP + p->at[k]);
		printf("   ");
		for (unsigned b = p->at[k]; b < p->at[k + 1]; b++)
			printf(" %02x", p->code[b]);
		printf("  %s\n", text);
	}
	print_state("in", in, in);
	print_state("want", want, got);
	print_state("got", got, want);
}
