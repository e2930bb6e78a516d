/*
 * Shows what our translator makes of a piece of code: reads lines "MODE HEX" (MODE as in the coverage table, HEX all bytes) and prints, for
 * each, a line "code", then for every guest instruction "insn OFFSET TEXT" and a line "word HEX" for each of its host instructions.
 */
#include <stdio.h>
#include <string.h>

#include "tests/conformance/enumerate.h"
#include "tests/lib/stand_in.h"

#define EIP_FLAT VECTOR_CODE
#define EIP_16BIT 0x1000
#define WORDS 65536

static uint32_t code[WORDS];
static struct tr t;
static struct cpu cpu;
static struct plan plan;

/* cpu->mode as the payload's machine has it when the case runs. */
static uint32_t mode_bits(enum vector_mode mode)
{
	uint32_t flat = MODE_CS_FLAT | MODE_SS_FLAT | MODE_DS_FLAT | MODE_ES_FLAT | MODE_PE | MODE_PG;

	switch (mode) {
	case VECTOR_REAL: return MODE_IOPL_OK;
	case VECTOR_V86: return MODE_VM | MODE_CPL | MODE_PG;
	case VECTOR_PM16: return MODE_PE | MODE_CPL | MODE_PG;
	case VECTOR_PM32_R0: return flat | MODE_CS32 | MODE_SS32 | MODE_IOPL_OK;
	case VECTOR_LONG64: return flat | MODE_LONG | MODE_SS32 | MODE_CPL;
	case VECTOR_LONG64_R0: return flat | MODE_LONG | MODE_SS32 | MODE_IOPL_OK;
	default: return flat | MODE_CS32 | MODE_SS32 | MODE_CPL;
	}
}

/* The region's instructions; returns the address behind the last one. */
static uint64_t print_plan(const struct region *region, uint64_t start, size_t n)
{
	const struct rinsn *last = &plan.insn[plan.n - 1];

	for (unsigned k = 0; k < plan.n && plan.insn[k].eip - start < n; k++) {
		char text[128];
		uint32_t *end = k + 1 < plan.n ? plan.insn[k + 1].host : region->code_end;
		insn_format(text, sizeof text, &plan.insn[k].i, plan.insn[k].eip);
		printf("insn %x %s\n", (unsigned)(plan.insn[k].eip - start), text);
		for (uint32_t *w = plan.insn[k].host; w < end; w++)
			printf("word %08x\n", *w);
	}
	return last->eip + last->i.len;
}

/* One region after the other, as they are made of straight code. */
static void show(enum vector_mode mode, const uint8_t *bytes, size_t n)
{
	static uint8_t page[4096];
	int flat = mode >= VECTOR_PM32, size = mode_size(mode);
	const uint64_t start = flat ? EIP_FLAT : EIP_16BIT;
	struct region region = { .mode = mode_bits(mode), .cs_limit = flat ? 0xffffffff : 0xffff };
	struct source src = { .page = page, .page_eip = start, .eip_last = region.cs_limit, .eip_mask = plan_eip_mask(region.mode) };

	for (size_t k = 0; k + 1 < sizeof page; k += 2)
		memcpy(page + k, "\x0f\x0b", 2); /* UD2 ends the code, as in a vector file */
	memcpy(page, bytes, n);
	memcpy(page + n, "\x0f\x0b", 2);
	printf("code\n");
	for (uint64_t eip = start; eip - start < n;) {
		region.eip = eip;
		if (plan_collect(&plan, &src, eip, size, REGION_INSNS) < 0)
			return;
		plan_analyse(&plan, &src, size);
		if (translate(&t, &cpu, &plan, &region, code + 4096, code + WORDS) < 0)
			return;
		eip = print_plan(&region, start, n);
	}
}

int main(void)
{
	char line[4096], name[16];

	init_stubs(code, 16);
	while (fgets(line, sizeof line, stdin)) {
		int used = 0, mode;
		uint8_t bytes[1024];
		size_t n = 0;
		unsigned v;
		if (sscanf(line, "%15s %n", name, &used) != 1 || (mode = mode_by_name(name, (int)strlen(name))) < 0)
			continue;
		while (n < sizeof bytes && sscanf(line + used + 2 * n, "%2x", &v) == 1)
			bytes[n++] = (uint8_t)v;
		show((enum vector_mode)mode, bytes, n);
	}
	return 0;
}
