/*
 * How many host instructions each guest instruction becomes. Reads sequences of x86 code, translates each as one region, and prints
 * them with the count per instruction; with -d, the host words too (for llvm-mc). The result is compared with a committed list, so that a
 * better or worse translation shows up as a diff.
 *
 * Input lines: "name mode: hex bytes", mode being r (real mode), f (flat 32-bit ring 0), u (flat 32-bit ring 3), l (64-bit ring 0), p (64-bit
 * ring 3); # starts a comment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/stand_in.h"
#include "translator/x87.h"

#define EIP 0x1000

static uint32_t code[65536];
static struct tr t;
static struct cpu cpu = { .keeps_upper = true }; /* as on QEMU */
static struct plan plan;

/* Groups that are not linked in: their operations become #UD. */
#define GROUP(name) __attribute__((weak)) int name(struct tr *tr, const struct insn *i) { (void)tr, (void)i; return -1; }
GROUP(gen_bits) GROUP(gen_string) GROUP(gen_system) GROUP(gen_sse) GROUP(gen_mmx) GROUP(gen_x87)

static uint32_t mode_of(char c)
{
	uint32_t flat = MODE_CS32 | MODE_SS32 | MODE_PE | MODE_CS_FLAT | MODE_SS_FLAT | MODE_DS_FLAT | MODE_ES_FLAT | MODE_PG;

	if (c == 'r')
		return MODE_IOPL_OK;
	if (c == 'l' || c == 'p')
		return (flat & ~(MODE_CS32 | MODE_SS32)) | MODE_LONG | MODE_LMA | (c == 'p' ? MODE_CPL : MODE_IOPL_OK);
	return c == 'u' ? flat | MODE_CPL : flat | MODE_IOPL_OK;
}

/* Mode d: flat, with 53 bits of precision and all x87 registers doubles. Else the x87's state is as FNINIT leaves it. */
static void set_x87(char mode)
{
	bool doubles = mode == 'd';

	cpu.x87.tag_empty = 0xff;
	cpu.x87.ctl = doubles ? X87_CTL_PC53 | X87_CTL_PM | X87_CTL_DOUBLES : X87_CTL_PC64 | X87_CTL_PM;
	cpu.x87.doubles = doubles ? 0xff : 0;
}

/* Translates the sequence into code from `start` on, before `end`; negative codes as plan_collect() and translate(). */
static int make(struct region *region, char mode, const uint8_t *bytes, size_t n, uint32_t *start, uint32_t *end)
{
	static uint8_t page[4096];
	struct source src = { .page = page, .page_eip = EIP };

	*region = (struct region){ .eip = EIP, .mode = mode_of(mode), .cs_limit = mode == 'r' ? 0xffff : 0xffffffff };
	src.eip_last = region->cs_limit;
	src.eip_mask = plan_eip_mask(region->mode);
	memset(page, 0xf4, sizeof page); /* HLT ends what the bytes do not */
	memcpy(page, bytes, n);
	int dsize = plan_dsize(region->mode);
	int error = plan_collect(&plan, &src, EIP, dsize, REGION_MAX_INSNS);
	if (error < 0)
		return error;
	plan_analyse(&plan, &src, dsize);
	set_x87(mode);
	return translate(&t, &cpu, &plan, region, start, end);
}

/* With less room than the code takes nothing may be written behind it, where the code of others is: a branch, say. */
static void check_room(const char *name, char mode, const uint8_t *bytes, size_t n, uint32_t *start, const uint32_t *code_end)
{
	const uint32_t branch = 0x50000000;
	struct region region;

	for (uint32_t *end = start + 1; end < code_end; end++) {
		*end = branch;
		if (make(&region, mode, bytes, n, start, end) == 0 || *end != branch) {
			printf("%s: goes beyond %d words\n", name, (int)(end - start));
			return;
		}
	}
}

static void show(const char *name, char mode, const uint8_t *bytes, size_t n, int dump)
{
	struct region region;
	uint32_t *start = code + 4096;
	uint32_t *room = code + 65536;
	if (make(&region, mode, bytes, n, start, room) < 0) {
		printf("%s: cannot be translated\n", name);
		return;
	}
	check_room(name, mode, bytes, n, start, region.code_end);
	make(&region, mode, bytes, n, start, room);
	printf("%s (%c), %d words in all\n", name, mode, (int)(region.code_end - region.code));
	for (unsigned k = 0; k < plan.n && plan.insn[k].eip < EIP + n; k++) {
		char text[80];
		uint32_t *end = k + 1 < plan.n ? plan.insn[k + 1].host : region.code_end;
		insn_format(text, sizeof text, &plan.insn[k].i, plan.insn[k].eip);
		if (k + 1 < plan.n)
			printf("    %-44s %3d\n", text, (int)(end - plan.insn[k].host));
		else
			printf("    %s\n", text);
		for (uint32_t *w = plan.insn[k].host; dump && w < end; w++)
			printf("        .word 0x%08x\n", *w);
	}
}

int main(int argc, char **argv)
{
	int dump = argc > 1 && !strcmp(argv[1], "-d");
	char line[512];

	init_stubs(code, 16);
	while (fgets(line, sizeof line, stdin)) {
		char name[64], mode;
		int used;
		uint8_t bytes[128];
		size_t n = 0;
		if (line[0] == '#' || sscanf(line, "%63s %c: %n", name, &mode, &used) != 2)
			continue;
		for (char *p = line + used, *end; n < sizeof bytes; p = end) {
			unsigned long v = strtoul(p, &end, 16);
			if (end == p)
				break;
			bytes[n++] = (uint8_t)v;
		}
		show(name, mode, bytes, n, dump);
	}
	return 0;
}
