#include "translator/cpuid.h"

#include <string.h>

#include "translator/board.h"
#include "translator/msr.h"
#include "translator/seg.h"
#include "translator/xsave.h"

struct leaf {
	uint32_t eax, ebx, ecx, edx;
};

/* Leaf 1, EDX */
enum {
	F_FPU = 1u << 0, F_VME = 1u << 1, F_DE = 1u << 2, F_PSE = 1u << 3, F_TSC = 1u << 4, F_MSR = 1u << 5, F_PAE = 1u << 6,
	F_MCE = 1u << 7, F_CX8 = 1u << 8, F_APIC = 1u << 9, F_SEP = 1u << 11, F_MTRR = 1u << 12, F_PGE = 1u << 13,
	F_MCA = 1u << 14, F_CMOV = 1u << 15, F_PAT = 1u << 16, F_PSE36 = 1u << 17, F_CLFSH = 1u << 19, F_MMX = 1u << 23, F_FXSR = 1u << 24,
	F_SSE = 1u << 25, F_SSE2 = 1u << 26,
};
#define FEATURES \
	(F_FPU | F_VME | F_DE | F_PSE | F_TSC | F_MSR | F_PAE | F_MCE | F_CX8 | F_APIC | F_SEP | F_MTRR | F_PGE | F_MCA | \
	 F_CMOV | F_PAT | F_PSE36 | F_CLFSH | F_MMX | F_FXSR | F_SSE | F_SSE2)
/* Leaf 1, ECX */
enum {
	F_SSE3 = 1u << 0, F_PCLMULQDQ = 1u << 1, F_SSSE3 = 1u << 9, F_CX16 = 1u << 13, F_PCID = 1u << 17, F_SSE4_1 = 1u << 19, F_SSE4_2 = 1u << 20,
	F_X2APIC = 1u << 21, F_MOVBE = 1u << 22, F_POPCNT = 1u << 23, F_TSC_DEADLINE = 1u << 24, F_AES = 1u << 25, F_XSAVE = 1u << 26, F_OSXSAVE = 1u << 27,
};
#define FEATURES_ECX \
	(F_SSE3 | F_PCLMULQDQ | F_SSSE3 | F_CX16 | F_PCID | F_SSE4_1 | F_SSE4_2 | F_X2APIC | F_MOVBE | F_POPCNT | F_TSC_DEADLINE | F_AES | F_XSAVE)
#define F_ARAT (1u << 2) /* leaf 6, EAX: the APIC timer never stops */
/* Leaf 7, EBX */
enum { F_FSGSBASE = 1u << 0, F_TSC_ADJUST = 1u << 1, F_SMEP = 1u << 7, F_ERMS = 1u << 9, F_INVPCID = 1u << 10 };
#define FEATURES_7 (F_FSGSBASE | F_TSC_ADJUST | F_SMEP | F_ERMS | F_INVPCID)
#define F_UMIP (1u << 2) /* leaf 7, ECX */
/* Leaf 80000001 */
enum { F_SYSCALL = 1u << 11, F_NX = 1u << 20, F_1G_PAGES = 1u << 26, F_RDTSCP = 1u << 27, F_LM = 1u << 29 }; /* EDX */
#define F_LAHF 1u                  /* ECX */
#define F_PREFETCHW (1u << 8)
#define F_XSAVEOPT 1u              /* leaf 13, sub-leaf 1, EAX */
#define F_INVARIANT_TSC (1u << 8)  /* leaf 80000007, EDX */

#define MAX_BASIC 0x16u
#define MAX_BASIC_LIMITED 3u /* IA32_MISC_ENABLE: for old operating systems */
#define MAX_EXTENDED 0x80000008u

#define CLFLUSH_QUADS 8u
#define HZ_PER_MHZ 1000000u
#define BUS_MHZ 100u

static const char vendor[12] = "GenuineIntel";
static const char brand[48] = "Loongson x86 PC (translated)";

/* Cache sizes are those of a small real part; they matter to no correctness, only to a guest's choice of block sizes. */
#define CACHE(type, level, ways, sets) \
	{ (type) | (level) << 5 | 1u << 8, ((ways) - 1u) << 22 | 63, (sets) - 1u, 0 }
static const struct leaf caches[] = {
	CACHE(1, 1, 8, 64),   /* 32 KiB data */
	CACHE(2, 1, 8, 64),   /* 32 KiB instructions */
	CACHE(3, 2, 8, 1024), /* 512 KiB unified */
};
/* Leaf 2: 4 KiB-page TLBs of 128 entries (B0, B3), the same caches (2C, 30, 80) */
static const struct leaf descriptors = { 0x00b3b001, 0, 0, 0x00802c30 };
/* Leaf 80000006: 512 KiB, 8-way, 64-byte lines */
#define EXTENDED_L2 (512u << 16 | 6u << 12 | 64)

static uint32_t text(const char *s)
{
	uint32_t v;

	memcpy(&v, s, sizeof(v));
	return v;
}

static struct leaf features(struct cpu *cpu)
{
	uint32_t edx = cpu->apic_base & APIC_BASE_ENABLE ? FEATURES : FEATURES & ~F_APIC;

	uint32_t ecx = FEATURES_ECX | (cpu->cr4 & CR4_OSXSAVE ? F_OSXSAVE : 0);

	/* The documented way to the microcode revision: clear the MSR, run this leaf, read the MSR. */
	cpu->ucode_rev = (uint64_t)CPUID_MICROCODE_REV << 32;
	return (struct leaf){ CPUID_SIGNATURE, cpu->id << 24 | 1u << 16 | CLFLUSH_QUADS << 8, ecx, edx };
}

static uint32_t max_basic(const struct cpu *cpu)
{
	return cpu->misc_enable & MISC_ENABLE_LIMIT_CPUID ? MAX_BASIC_LIMITED : MAX_BASIC;
}

/* One thread in one core: no bit of the x2APIC id tells threads or cores apart. */
static struct leaf topology(const struct cpu *cpu, uint32_t sub)
{
	uint32_t level = sub & 0xff; /* 0: threads, 1: cores */

	return (struct leaf){ .ebx = level < 2, .ecx = level | (level < 2 ? (level + 1) << 8 : 0), .edx = cpu->id };
}

static struct leaf basic(struct cpu *cpu, uint32_t n, uint32_t sub)
{
	switch (n) {
	case 0:
		return (struct leaf){ max_basic(cpu), text(vendor), text(vendor + 8), text(vendor + 4) };
	case 1:
		return features(cpu);
	case 2:
		return descriptors;
	case 4:
		if (sub < sizeof(caches) / sizeof(caches[0]))
			return caches[sub];
		break;
	case 6:
		return (struct leaf){ .eax = F_ARAT };
	case 7:
		if (!sub)
			return (struct leaf){ .ebx = FEATURES_7, .ecx = F_UMIP };
		break;
	case 11:
		return topology(cpu, sub);
	case 13:
		if (sub == 0)
			return (struct leaf){ XCR0_SUPPORTED, XSAVE_SIZE, XSAVE_SIZE, 0 };
		if (sub == 1)
			return (struct leaf){ .eax = F_XSAVEOPT };
		break;
	case 0x15: /* the TSC and the APIC timer count the crystal's ticks as they are */
		return (struct leaf){ 1, 1, (uint32_t)board_tsc_hz(), 0 };
	case 0x16:
		return (struct leaf){ (uint32_t)(board_tsc_hz() / HZ_PER_MHZ), (uint32_t)(board_tsc_hz() / HZ_PER_MHZ), BUS_MHZ, 0 };
	}
	return (struct leaf){ 0 };
}

static struct leaf extended(const struct cpu *cpu, uint32_t n)
{
	const char *part;

	switch (n) {
	case 0x80000000:
		return (struct leaf){ .eax = MAX_EXTENDED };
	case 0x80000001:
		return (struct leaf){
			.ecx = F_LAHF | F_PREFETCHW,
			.edx = F_1G_PAGES | F_RDTSCP | F_LM | (cpu->mode & MODE_LONG ? F_SYSCALL : 0) | (cpu->misc_enable & MISC_ENABLE_XD_DISABLE ? 0 : F_NX),
		};
	case 0x80000002:
	case 0x80000003:
	case 0x80000004:
		part = brand + (n - 0x80000002) * 16;
		return (struct leaf){ text(part), text(part + 4), text(part + 8), text(part + 12) };
	case 0x80000006:
		return (struct leaf){ .ecx = EXTENDED_L2 };
	case 0x80000007:
		return (struct leaf){ .edx = F_INVARIANT_TSC };
	case 0x80000008:
		return (struct leaf){ .eax = CPUID_LINEAR_BITS << 8 | CPUID_PHYS_BITS };
	}
	return (struct leaf){ 0 };
}

void do_cpuid(struct cpu *cpu)
{
	uint32_t n = cpu->gpr[RAX], sub = cpu->gpr[RCX];
	struct leaf l;

	if (n >= 0x80000000 && n <= MAX_EXTENDED)
		l = extended(cpu, n);
	else
		l = basic(cpu, n <= max_basic(cpu) ? n : max_basic(cpu), sub); /* beyond the last: data of the last basic leaf */
	cpu_set_gpr(cpu, RAX, 4, l.eax);
	cpu_set_gpr(cpu, RBX, 4, l.ebx);
	cpu_set_gpr(cpu, RCX, 4, l.ecx);
	cpu_set_gpr(cpu, RDX, 4, l.edx);
}
