/*
 * Writes one line per emitted instruction: the word in hexadecimal, a tab, and the text an assembler should turn into the same word.
 * Every function of emit_table.h is called with random and extreme operands. The helpers of emit.c are checked here: their failures go to stderr
 * and their counts are printed as "# passed failed" on the last line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/emit.h"

/*
 * Operands of a format, in order: r f v c x registers; u<n> s<n> immediates of n bits, `*k` scaled by k; b<n> word offset; a alsl's
 * shift; m<n> msb of n bits, then its lsb. Restricted: R a register other than r0 and r1 (csrxchg), q one other than the first operand.
 */
struct insn_case {
	const char *name, *operands;
	void (*call)(struct emit *e, const int *a);
};

#define SPEC_NONE ""
#define SPEC_CODE "u15"
#define SPEC_RR "r r"
#define SPEC_RRR "r r r"
#define SPEC_RRRA2 "r r r a"
#define SPEC_RRRU2 "r r r u2"
#define SPEC_RRRU3 "r r r u3"
#define SPEC_RRU5 "r r u5"
#define SPEC_RRU6 "r r u6"
#define SPEC_RRS12 "r r s12"
#define SPEC_RRU12 "r r u12"
#define SPEC_RRS14 "r r s14*4"
#define SPEC_RRS16 "r r s16"
#define SPEC_RS20 "r s20"
#define SPEC_RRMLW "r r m5"
#define SPEC_RRMLD "r r m6"
#define SPEC_HRS12 "u5 r s12"
#define SPEC_HRR "u5 r r"
#define SPEC_RKJ "r q q"
#define SPEC_B26 "s26*4"
#define SPEC_BRR "r r s16*4"
#define SPEC_BR21 "r s21*4"
#define SPEC_BC21 "c s21*4"
#define SPEC_JIRL "r r s16*4"
#define SPEC_JK "r r"
#define SPEC_RCSR "r u14"
#define SPEC_RRCSR "r R u14"
#define SPEC_FF "f f"
#define SPEC_FFF "f f f"
#define SPEC_FFFF "f f f f"
#define SPEC_FFFC "f f f c"
#define SPEC_CFF "c f f"
#define SPEC_FR "f r"
#define SPEC_RF "r f"
#define SPEC_XR "x r"
#define SPEC_RX "r x"
#define SPEC_CF "c f"
#define SPEC_FC "f c"
#define SPEC_CR "c r"
#define SPEC_RC "r c"
#define SPEC_FRS12 "f r s12"
#define SPEC_FRR "f r r"
#define SPEC_VV "v v"
#define SPEC_VVV "v v v"
#define SPEC_VVVV "v v v v"
#define SPEC_VR "v r"
#define SPEC_VVR "v v r"
#define SPEC_VRR "v r r"
#define SPEC_CV "c v"
#define SPEC_VS13 "v s13"
#define SPEC_VVS5 "v v s5"
#define SPEC_VVU1 "v v u1"
#define SPEC_VVU2 "v v u2"
#define SPEC_VVU3 "v v u3"
#define SPEC_VVU4 "v v u4"
#define SPEC_VVU5 "v v u5"
#define SPEC_VVU6 "v v u6"
#define SPEC_VVU7 "v v u7"
#define SPEC_VVU8 "v v u8"
#define SPEC_VRU1 "v r u1"
#define SPEC_VRU2 "v r u2"
#define SPEC_VRU3 "v r u3"
#define SPEC_VRU4 "v r u4"
#define SPEC_RVU1 "r v u1"
#define SPEC_RVU2 "r v u2"
#define SPEC_RVU3 "r v u3"
#define SPEC_RVU4 "r v u4"
#define SPEC_VRS9 "v r s9*8"
#define SPEC_VRS10 "v r s10*4"
#define SPEC_VRS11 "v r s11*2"
#define SPEC_VRS12 "v r s12"
#define SPEC_VRSE0 "v r s8 u4"
#define SPEC_VRSE1 "v r s8*2 u3"
#define SPEC_VRSE2 "v r s8*4 u2"
#define SPEC_VRSE3 "v r s8*8 u1"


/* The number of arguments a function takes selects how it is called. */
typedef void fn0(struct emit *);
typedef void fn1(struct emit *, int);
typedef void fn2(struct emit *, int, int);
typedef void fn3(struct emit *, int, int, int);
typedef void fn4(struct emit *, int, int, int, int);
static void call0(fn0 *f, struct emit *e, const int *a) { (void)a; f(e); }
static void call1(fn1 *f, struct emit *e, const int *a) { f(e, a[0]); }
static void call2(fn2 *f, struct emit *e, const int *a) { f(e, a[0], a[1]); }
static void call3(fn3 *f, struct emit *e, const int *a) { f(e, a[0], a[1], a[2]); }
static void call4(fn4 *f, struct emit *e, const int *a) { f(e, a[0], a[1], a[2], a[3]); }
#define CALL(f) _Generic(&(f), fn0 *: call0, fn1 *: call1, fn2 *: call2, fn3 *: call3, fn4 *: call4)(f, e, a)

#define INSN(format, name, opcode) \
	static void do_##name(struct emit *e, const int *a) { CALL(la_##name); }
#include "translator/emit_table.h"

static const struct insn_case cases[] = {
#define INSN(format, name, opcode) { #name, SPEC_##format, do_##name },
#include "translator/emit_table.h"
};

/* The assembler's spelling: dots for underscores, except in atomics with barrier ("amadd_db.w") and break. */
static void mnemonic(const char *name, char *out)
{
	strcpy(out, name);
	if (strcmp(out, "break_") == 0)
		out[5] = 0;
	for (char *s = out; *s; s++)
		if (*s == '_' && strncmp(s, "_db_", 4) != 0)
			*s = '.';
}

/* A value of an n-bit field: the extremes in the first rounds, then random ones. */
static int pick(int bits, bool is_signed, int round)
{
	uint32_t mask = (1u << bits) - 1;
	uint32_t v = round == 0 ? 0 : round == 1 ? mask : round == 2 ? mask >> 1 : round == 3 ? (mask >> 1) + 1 : (uint32_t)random() & mask;

	return is_signed && (v >> (bits - 1)) ? (int)(v | ~mask) : (int)v;
}

static const struct {
	char kind;
	int bits;
	const char *prefix;
} registers[] = { { 'r', 5, "$r" }, { 'f', 5, "$f" }, { 'v', 5, "$vr" }, { 'c', 3, "$fcc" }, { 'x', 2, "$fcsr" }, { 'R', 5, "$r" }, { 'q', 5, "$r" } };

static void one(const struct insn_case *c, int round)
{
	int a[5] = { 0 }, n = 0;
	char text[128];
	uint32_t word[2] = { 0 };
	struct emit e;

	mnemonic(c->name, text);
	for (const char *s = c->operands; *s; s += strcspn(s, " "), s += *s == ' ') {
		char *end = text + strlen(text);
		int bits = atoi(s + 1), scale = 1;
		const char *prefix = "";

		if (strchr(s, '*') && strchr(s, '*') < s + strcspn(s, " "))
			scale = atoi(strchr(s, '*') + 1);
		for (size_t k = 0; k < sizeof(registers) / sizeof(registers[0]); k++)
			if (*s == registers[k].kind) {
				prefix = registers[k].prefix;
				bits = registers[k].bits;
			}
		if (*s == 'a')
			a[n] = 1 + pick(2, false, round);
		else
			a[n] = pick(bits, *s == 's', round) * scale;
		if (*s == 'R' && a[n] < 2)
			a[n] += 2;
		if (*s == 'q' && a[n] == a[0])
			a[n] ^= 1;
		sprintf(end, "%s %s%d", n ? "," : "", prefix, a[n]);
		n++;
		if (*s == 'm') {
			a[n] = random() % (a[n - 1] + 1);
			sprintf(end + strlen(end), ", %d", a[n]);
			n++;
		}
	}
	emit_init(&e, word, 1);
	c->call(&e, a);
	printf("%08x\t%s\n", word[0], text);
}

static int passed, failed;

static void check(bool ok, const char *what, int64_t value)
{
	if (ok) {
		passed++;
	} else {
		failed++;
		fprintf(stderr, "FAILED: %s (0x%llx)\n", what, (unsigned long long)value);
	}
}

/* What the instructions la_li() uses compute. */
static int64_t run_li(const uint32_t *w, int n)
{
	int64_t r[32] = { 0 };

	for (int i = 0; i < n; i++) {
		int rd = w[i] & 31, rj = w[i] >> 5 & 31;
		int64_t s12 = (int64_t)((uint64_t)(w[i] >> 10) << 52) >> 52, s20 = (int64_t)((uint64_t)(w[i] >> 5) << 44) >> 44;

		if (w[i] >> 22 == 0x00a)
			r[rd] = (int32_t)(r[rj] + s12); /* addi.w */
		else if (w[i] >> 22 == 0x00e)
			r[rd] = r[rj] | (s12 & 0xfff); /* ori */
		else if (w[i] >> 22 == 0x00c)
			r[rd] = (r[rj] & 0xfffffffffffffll) | (int64_t)((uint64_t)s12 << 52); /* lu52i.d */
		else if (w[i] >> 25 == 0x0a)
			r[rd] = s20 * 4096; /* lu12i.w */
		else if (w[i] >> 25 == 0x0b)
			r[rd] = (r[rd] & 0xffffffffll) | (int64_t)((uint64_t)s20 << 32); /* lu32i.d */
		else
			return ~r[rd];
	}
	return r[4];
}

static void test_li(void)
{
	static const struct {
		int64_t value;
		int words;
	} known[] = {
		{ 0, 1 }, { 1, 1 }, { -1, 1 }, { 2047, 1 }, { -2048, 1 }, { 2048, 1 }, { 4095, 1 }, { 4096, 1 }, { 4097, 2 },
		{ INT32_MIN, 1 }, { INT32_MAX, 2 }, { 0xffffffff, 2 }, { 0x80000000, 2 }, { INT64_MIN, 1 }, { INT64_MAX, 2 },
		{ 0x123456789abcdef0, 4 }, { 0x9000000000000000, 1 },
	};
	uint32_t buf[4];
	struct emit e;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		check(la_li_words(known[i].value) == known[i].words, "la_li_words", known[i].value);
	for (int i = 0; i < 20000; i++) {
		uint64_t v = (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^ (uint64_t)random();

		v = i % 3 ? (uint64_t)((int64_t)v >> (random() % 64)) << (random() % 64) : v;
		emit_init(&e, buf, 4);
		la_li(&e, 4, (int64_t)v);
		check(!e.overflow && run_li(buf, (int)(e.p - e.start)) == (int64_t)v, "la_li", (int64_t)v);
	}
}

static void test_fix_branch(void)
{
	static uint32_t code[0x30000];
	uint32_t *mid = code + 0x18000;
	struct emit e;

	for (int i = 0; i < 3000; i++) {
		int kind = i % 4, reach = kind == 0 ? 0x18000 : kind == 1 ? 0x18000 : 0x7fff;
		int offs = (int)(random() % (2 * reach)) - reach;
		uint32_t want;

		emit_init(&e, mid, 2);
		if (kind == 0) {
			la_bl(&e, 0);
			la_bl(&e, offs * 4);
		} else if (kind == 1) {
			la_bceqz(&e, 3, 0);
			la_bceqz(&e, 3, offs * 4);
		} else {
			la_blt(&e, 5, 6, 4 * 77);
			la_blt(&e, 5, 6, offs * 4);
		}
		want = mid[1];
		check(emit_fix_branch(mid, mid + offs) == 0 && mid[0] == want, "emit_fix_branch", offs);
	}
	emit_init(&e, mid, 4);
	la_beq(&e, 1, 2, 0);
	la_add_d(&e, 1, 2, 3);
	check(emit_fix_branch(mid, mid + 0x8000) == -ERANGE, "out of reach", 0x8000);
	check(emit_fix_branch(mid, mid - 0x8001) == -ERANGE, "out of reach", -0x8001);
	check(emit_fix_branch(mid, mid - 0x8000) == 0, "in reach", -0x8000);
	check(emit_fix_branch(mid + 1, mid) == -EINVAL, "not a branch", 0);
	check(emit_fix_branch(mid, (uint32_t *)((char *)mid + 2)) == -ERANGE, "unaligned", 2);
}

static void test_overflow(void)
{
	uint32_t buf[3] = { 0, 0, 0x55 };
	struct emit e;

	emit_init(&e, buf, 2);
	la_nop(&e);
	la_nop(&e);
	check(!e.overflow && emit_here(&e) == buf + 2, "fits", 0);
	la_nop(&e);
	check(e.overflow && buf[2] == 0x55, "overflow drops words", buf[2]);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int round = 0; round < 12; round++)
			one(&cases[i], round);
	test_li();
	test_fix_branch();
	test_overflow();
	printf("# %d %d\n", passed, failed);
	return 0;
}
