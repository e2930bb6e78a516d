#include "tests/conformance/explain.h"

#include <stdio.h>
#include <string.h>

static void print_bytes(const char *name, const uint8_t *bytes, int n)
{
	printf("%s ", name);
	for (int k = 0; k < n; k++)
		printf("%02x", bytes[k]);
	printf("\n");
}

/* A number of n bytes, most significant first. */
static void print_wide(const char *name, int number, const uint8_t *bytes, int n)
{
	printf("%s%d ", name, number);
	while (n-- > 0)
		printf("%02x", bytes[n]);
	printf("\n");
}

static unsigned field(const uint8_t *at, int bytes)
{
	unsigned v = 0;

	memcpy(&v, at, (size_t)bytes);
	return v;
}

static void explain_fx(const struct state *s, int registers)
{
	printf("fcw %04x\nfsw %04x\nftw %02x\nmxcsr %08x\n", field(s->fx, 2), field(s->fx + 2, 2), field(s->fx + 4, 1), field(s->fx + 24, 4));
	for (int k = 0; k < 8; k++)
		print_wide("st", k, s->fx + 32 + 16 * k, 10);
	for (int k = 0; k < registers; k++)
		print_wide("xmm", k, s->fx + 160 + 16 * k, 16);
}

void explain_state(const struct state *s, const struct vector_group *g)
{
	static const char *const names[16] = {
		"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
	};
	int registers = g->mode == VECTOR_LONG64 || g->mode == VECTOR_LONG64_R0 ? 16 : 8;

	for (int k = 0; k < registers; k++)
		printf("%s %016llx\n", names[k], (unsigned long long)s->gpr[k]);
	if (registers == 16)
		printf("fsbase %016llx\ngsbase %016llx\n", (unsigned long long)s->fs_base, (unsigned long long)s->gs_base);
	printf("rflags %08llx\nrip %llx\ncr2 %llx\nvector %u\nerror %x\n", (unsigned long long)s->rflags, (unsigned long long)s->rip,
		(unsigned long long)s->cr2, s->vector, s->error);
	if (g->options & GROUP_FPU)
		explain_fx(s, registers);
	print_bytes("data0", s->data[0], sizeof s->data[0]);
	print_bytes("data1", s->data[1], sizeof s->data[1]);
	print_bytes("data2", s->data[2], sizeof s->data[2]);
	print_bytes("stack", s->stack, sizeof s->stack);
}
