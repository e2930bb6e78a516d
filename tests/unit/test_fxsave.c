// SOURCES: translator/fxsave.c translator/xsave.c translator/mxcsr.c translator/x87.c translator/x87_effect.c translator/x87_arith.c translator/x87_mem.c translator/x87_rem.c translator/x87_state.c translator/x87_trans.c translator/x87_func.c translator/x87_double.c translator/softfloat.c translator/softfloat_pack.c
/* FXRSTOR and XRSTOR of random images, and FXSAVE and XSAVE of what they left, against this CPU; and their 64-bit forms, with 16 XMM registers. */
#include "tests/unit/x87_model.h"

#include "translator/fxsave.h"
#include "translator/mxcsr.h"
#include "translator/vregs.h"
#include "translator/xsave.h"

#define IMAGE_SIZE 512
enum { FTW = 4, FOP = 6, FIP = 8, FCS = 12, FDP = 16, FDS = 20, MXCSR_AT = 24, ST0 = 32, XMM0 = 160, XMM8 = 288, UNUSED = 416 };

void cpu_update_mode(struct cpu *cpu) { (void)cpu; }
void cpu_set_gpr(struct cpu *cpu, int idx, int size, uint64_t value)
{
	(void)size;
	cpu->gpr[idx] = value;
}
static uint32_t fcsr;
uint32_t fcsr_read(void) { return fcsr; }
void fcsr_write(uint32_t value) { fcsr = value; }

static void put16(uint8_t *p, unsigned v) { memcpy(p, &(uint16_t){ (uint16_t)v }, 2); }

static void random_image(uint8_t *m, bool pending)
{
	for (unsigned k = 0; k < IMAGE_SIZE; k += 8)
		memcpy(m + k, &(uint64_t){ rnd() }, 8);
	put16(m, pending ? (unsigned)rnd() & ~(unsigned)FPE_Z : (unsigned)rnd() | FPE_ALL);
	put16(m + 2, (unsigned)rnd() | FPE_Z);
	memcpy(m + MXCSR_AT, &(uint32_t){ (uint32_t)rnd() & MXCSR_MASK }, 4);
	if (below(4) == 0)
		memset(m + ST0 + 16 * below(8), 0, 10);
}

/* In 64-bit mode the pointers are addresses, which are canonical. */
static void random_image_for(uint8_t *m, bool pending, bool wide)
{
	random_image(m, pending);
	for (unsigned at = FIP; wide && at <= FDP; at += FDP - FIP)
		memcpy(m + at, &(int64_t){ (int64_t)rnd() >> 17 }, 8);
}

static void set_mode(bool wide)
{
	c->mode = wide ? c->mode | MODE_LONG : c->mode & ~MODE_LONG;
}

/* FXRSTOR [in], FXSAVE [out], with this function's own state around it. */
static void native_round_trip(const uint8_t *in, uint8_t *out, bool wide)
{
	static uint8_t own[IMAGE_SIZE] __attribute__((aligned(16)));

	if (wide)
		__asm__ volatile("fxsave64 (%2); fxrstor64 (%0); fxsave64 (%1); fnclex; fxrstor64 (%2)" : : "r"(in), "r"(out), "r"(own) : "memory");
	else
		__asm__ volatile("fxsave64 (%2); fxrstor (%0); fxsave (%1); fnclex; fxrstor64 (%2)" : : "r"(in), "r"(out), "r"(own) : "memory");
}

/* What this CPU and the model have no reason to agree on. */
static void make_comparable(uint8_t *m, bool pending, bool wide)
{
	unsigned end = wide ? UNUSED : XMM8;                /* what lies behind is free for the program */

	put16(m + FOP, (m[FOP] | m[FOP + 1] << 8) & 0x7ff);
	if (!wide) {                                      /* gone from CPUs of today */
		memset(m + FCS, 0, 4);
		memset(m + FDS, 0, 4);
	}
	memset(m + MXCSR_AT + 4, 0, 4);                   /* the mask has AMD's misaligned mode */
	memset(m + end, 0, IMAGE_SIZE - end);
	if (!pending)
		memset(m + FOP, 0, MXCSR_AT - FOP);       /* AMD: kept only for a pending exception */
	for (unsigned k = 0; k < 8; k++)
		memset(m + ST0 + 16 * k + 10, 0, 6);
}

static void check_round_trip(bool pending, bool wide)
{
	static uint8_t in[IMAGE_SIZE] __attribute__((aligned(16))), want[IMAGE_SIZE] __attribute__((aligned(16)));
	uint8_t got[IMAGE_SIZE];
	bool right = false;

	random_image_for(in, pending, wide);
	memcpy(model_memory, in, IMAGE_SIZE);
	fxrstor(c, (uintptr_t)native_memory, wide);
	memset(model_memory, 0x5a, IMAGE_SIZE);
	fxsave(c, (uintptr_t)native_memory, wide);
	memcpy(got, model_memory, IMAGE_SIZE);
	right = (wide || (got[XMM8] == 0x5a && got[FCS] == in[FCS] && got[FDS] == in[FDS])) && got[UNUSED] == 0x5a && got[IMAGE_SIZE - 1] == 0x5a;
	make_comparable(got, pending, wide);
	native_round_trip(in, want, wide);
	make_comparable(want, pending, wide);
	if (right && !memcmp(want, got, IMAGE_SIZE)) {
		passed++;
		return;
	}
	if (failed++ > 3)
		return;
	printf("image differs%s:\n", wide ? " (64-bit form)" : "");
	for (unsigned k = 0; k < IMAGE_SIZE; k++) {
		if (want[k] != got[k])
			printf("  byte %u: in %02x want %02x got %02x\n", k, in[k], want[k], got[k]);
	}
}

/* The tags that FXRSTOR leaves are those that FNSAVE shows. */
static void check_tags(void)
{
	static uint8_t in[IMAGE_SIZE] __attribute__((aligned(16)));
	static uint8_t own[IMAGE_SIZE] __attribute__((aligned(16)));
	struct image native;

	random_image(in, false);
	__asm__ volatile("fxsave %2; fxrstor %1; fnsave %0; fxrstor %2" : "=m"(native) : "m"(in), "m"(own) : "memory");
	memcpy(model_memory, in, IMAGE_SIZE);
	fxrstor(c, (uintptr_t)native_memory, false);
	if ((native.tags & 0xffff) == x87_tag_word(c)) {
		passed++;
	} else {
		failed++;
		printf("tags %04x, not %04x\n", x87_tag_word(c), native.tags & 0xffff);
	}
}

/* Each fault leaves the state as it was. */
static void check_fault(uint64_t (*fn)(struct cpu *, uint64_t, uint64_t), uint64_t lin, int vector)
{
	struct cpu before = *c;

	raised = NOTHING;
	if (!setjmp(c->unwind))
		fn(c, lin, false);
	memcpy(before.unwind, c->unwind, sizeof(c->unwind));
	if (raised == vector && !memcmp(&before, c, sizeof(before))) {
		passed++;
	} else {
		failed++;
		printf("raised %d, not %d, or the state has changed\n", raised, vector);
	}
}

static void check_faults(void)
{
	uint64_t lin = (uintptr_t)native_memory;

	check_fault(fxsave, lin + 8, EXC_GP);
	check_fault(fxrstor, lin + 4, EXC_GP);
	random_image(model_memory, false);
	model_memory[MXCSR_AT + 2] = 1;
	check_fault(fxrstor, lin, EXC_GP);
	page_gone = true;
	check_fault(fxsave, lin, EXC_PF);
	check_fault(fxrstor, lin, EXC_PF);
	page_gone = false;
}

/* ---- XSAVE ---- */

enum { BV = 512, AREA_SIZE = XSAVE_SIZE };

/* XRSTOR [in] of `components`, XSAVE [out] of all; in between the state is that of `first`. */
static void native_xsave(const uint8_t *first, const uint8_t *in, unsigned components, uint8_t *out, bool wide)
{
	static uint8_t own[4096] __attribute__((aligned(64)));
	unsigned eax = 3;

	if (wide)
		__asm__ volatile("xsave64 (%1); mov $3, %%eax; xrstor64 (%2); mov %5, %%eax; xrstor64 (%3); mov $3, %%eax; xsave64 (%4); "
				 "fnclex; mov $-1, %%eax; xrstor64 (%1)"
				 : "+a"(eax) : "r"(own), "r"(first), "r"(in), "r"(out), "r"(components), "d"(0) : "memory");
	else
		__asm__ volatile("xsave64 (%1); mov $3, %%eax; xrstor (%2); mov %5, %%eax; xrstor (%3); mov $3, %%eax; xsave (%4); "
				 "fnclex; mov $-1, %%eax; xrstor64 (%1)"
				 : "+a"(eax) : "r"(own), "r"(first), "r"(in), "r"(out), "r"(components), "d"(0) : "memory");
}

static void random_area(uint8_t *m, unsigned present, bool wide)
{
	random_image_for(m, true, wide);
	memset(m + BV, 0, AREA_SIZE - BV);
	m[BV] = (uint8_t)present;
}

static void model_xrstor(const uint8_t *in, unsigned components, bool wide)
{
	memcpy(model_memory, in, AREA_SIZE);
	c->gpr[RAX] = components;
	c->gpr[RDX] = 0;
	xrstor(c, (uintptr_t)native_memory, wide);
}

static void check_xsave(bool wide)
{
	static uint8_t first[AREA_SIZE] __attribute__((aligned(64))), in[AREA_SIZE] __attribute__((aligned(64)));
	static uint8_t want[AREA_SIZE] __attribute__((aligned(64)));
	unsigned components = below(4), present = below(4);

	random_area(first, 3, wide);
	random_area(in, present, wide);
	model_xrstor(first, 3, wide);
	model_xrstor(in, components, wide);
	memset(model_memory, 0x5a, AREA_SIZE);
	memset(model_memory + BV, 0, 8);
	c->gpr[RAX] = 3;
	xsave(c, (uintptr_t)native_memory, wide);
	native_xsave(first, in, components, want, wide);
	bool right = model_memory[UNUSED] == 0x5a && model_memory[AREA_SIZE - 1] == 0x5a && model_memory[BV] == 3;
	make_comparable(model_memory, !(components & 1) || present & 1, wide);
	make_comparable(want, !(components & 1) || present & 1, wide);
	if (right && !memcmp(want, model_memory, IMAGE_SIZE)) {
		passed++;
	} else if (failed++ < 3) {
		printf("XSAVE%s differs (components %u, present %u):\n", wide ? "64" : "", components, present);
		for (unsigned k = 0; k < IMAGE_SIZE; k++)
			if (want[k] != model_memory[k])
				printf("  byte %u: first %02x in %02x want %02x got %02x\n", k, first[k], in[k], want[k], model_memory[k]);
	}
}

static uint64_t call_xsetbv(struct cpu *cpu, uint64_t value, uint64_t n)
{
	(void)n;
	cpu->gpr[RAX] = value;
	xsetbv(cpu);
	return 0;
}

static void check_xsave_faults(void)
{
	uint64_t lin = (uintptr_t)native_memory;
	static const unsigned reserved[] = { BV, BV + 7, BV + 8, BV + 23, MXCSR_AT + 2 };

	check_fault(xsave, lin + 16, EXC_GP);
	check_fault(xrstor, lin + 32, EXC_GP);
	for (unsigned k = 0; k < sizeof reserved / sizeof reserved[0]; k++) {
		random_area(model_memory, 3, false);
		model_memory[reserved[k]] |= 4;
		check_fault(xrstor, lin, EXC_GP);
	}
	c->cr0 |= CR0_TS;
	check_fault(xsave, lin, EXC_NM);
	c->cr0 &= ~(uint64_t)CR0_TS;
	c->cr4 = 0;
	check_fault(xsave, lin, EXC_UD);
	check_fault(xrstor, lin, EXC_UD);
	c->cr4 = CR4_OSXSAVE;
	c->gpr[RAX] = c->gpr[RDX] = 2; /* already there when XSETBV faults */
	check_fault(call_xsetbv, 2, EXC_GP);
	c->gpr[RDX] = 0;
	c->gpr[RAX] = 2;
	check_fault(call_xsetbv, 2, EXC_GP); /* without x87 */
	c->gpr[RAX] = 7;
	check_fault(call_xsetbv, 7, EXC_GP);
}

int main(void)
{
	native_init();
	c->cr0 = CR0_PE | CR0_NE;
	c->cr4 = CR4_OSXSAVE;
	c->xcr0 = 3;
	for (unsigned n = 0; n < 100000; n++) {
		bool wide = n & 2;

		set_mode(wide);
		check_round_trip(n & 1, wide);
		check_tags();
		check_xsave(wide);
	}
	set_mode(false);
	check_faults();
	check_xsave_faults();
	return report();
}
