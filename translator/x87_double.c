#include "translator/x87_double.h"

#include "translator/vregs.h"
#include "translator/x87.h"

#define SIGN64 0x8000000000000000u
#define INFINITE 0x7ffu
#define EXP80_OF_DENORMAL (0x3fff - 1011) /* of a denormal double whose fraction has bit 63 set; less with each leading zero */

/* Whether the value is a double; not so for NaNs, and for those that are only with a denormal's precision. */
static bool to_double(struct f80 v, uint64_t *d)
{
	uint64_t sign = (uint64_t)(v.sexp >> 15) << 63;
	int exp = (v.sexp & 0x7fff) - 0x3fff + 0x3ff;

	*d = sign;
	if (!(v.sexp & 0x7fff) && !v.mant)
		return true;
	*d = sign | (uint64_t)INFINITE << 52;
	if ((v.sexp & 0x7fff) == 0x7fff)
		return v.mant == SIGN64;
	*d = sign | (uint64_t)exp << 52 | v.mant << 1 >> 12;
	return v.mant & SIGN64 && !(v.mant & 0x7ff) && exp > 0 && exp < (int)INFINITE;
}

static struct f80 from_double(uint64_t d)
{
	uint64_t fraction = d << 12 >> 12;
	unsigned exp = d >> 52 & INFINITE, sign = (unsigned)(d >> 63) << 15;

	if (exp == INFINITE)
		return (struct f80){ SIGN64, (uint16_t)(sign | 0x7fff) };
	if (exp)
		return (struct f80){ SIGN64 | fraction << 11, (uint16_t)(sign | (exp + 0x3fff - 0x3ff)) };
	if (!fraction)
		return (struct f80){ 0, (uint16_t)sign };
	int zeros = __builtin_clzll(fraction);
	return (struct f80){ fraction << zeros, (uint16_t)(sign | (unsigned)(EXP80_OF_DENORMAL - zeros)) };
}

void x87_spill(struct cpu *cpu)
{
	struct x87 *f = &cpu->x87;
	uint64_t d[8];

	if (!f->doubles)
		return;
	doubles_store(d);
	for (unsigned p = 0; p < 8; p++)
		if (f->doubles >> p & 1) {
			struct f80 v = from_double(d[p]);
			f->st[p].mant = v.mant;
			f->st[p].sexp = v.sexp;
		}
	f->doubles = 0;
}

void x87_refill(struct cpu *cpu)
{
	struct x87 *f = &cpu->x87;
	uint64_t d[8];

	if (!(f->ctl & X87_CTL_DOUBLES)) {
		x87_spill(cpu);
		return;
	}
	if (f->doubles == 0xff)
		return;
	doubles_store(d);
	for (unsigned p = 0; p < 8; p++) {
		uint64_t v;
		if (!(f->doubles >> p & 1) && to_double((struct f80){ f->st[p].mant, f->st[p].sexp }, &v)) {
			d[p] = v;
			f->doubles |= (uint8_t)(1u << p);
		}
	}
	doubles_load(d);
}

bool x87_double_c1(const struct cpu *cpu)
{
	struct fp_env env = x87_env(cpu);
	struct fp a, b;

	if (cpu->x87.c1 < X87_C1_ADD)
		return cpu->x87.c1;
	a = fp_from64(&env, cpu->x87.c1_of[0]);
	b = fp_from64(&env, cpu->x87.c1_of[1]);
	switch (cpu->x87.c1) {
	case X87_C1_ADD: fp_to80(&env, fp_add(&env, a, b)); break;
	case X87_C1_SUB: fp_to80(&env, fp_sub(&env, a, b)); break;
	case X87_C1_MUL: fp_to80(&env, fp_mul(&env, a, b)); break;
	case X87_C1_DIV: fp_to80(&env, fp_div(&env, a, b)); break;
	case X87_C1_SQRT: fp_to80(&env, fp_sqrt(&env, a)); break;
	case X87_C1_TO_SINGLE: fp_to32(&env, a); break;
	case X87_C1_TO_INTEGER: fp_to_int(&env, a, 64, env.rm); break;
	}
	return env.up;
}

uint64_t x87_settle_c1(struct cpu *cpu)
{
	cpu->x87.c1 = x87_double_c1(cpu);
	return cpu->x87.c1;
}
