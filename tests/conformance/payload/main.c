/* Runs the vector file's groups and tells about those that differ, or explains one case. */
#include "tests/conformance/payload/payload.h"

struct vector_header *const file = (struct vector_header *)((uintptr_t)VECTOR_KERNEL + VECTOR_PHYS);

static const char *const gpr_names[16] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15" };

static struct vector_group *group(uint32_t n)
{
	return (struct vector_group *)((uint8_t *)file + file->groups) + n;
}

static uint64_t *digest(uint32_t n)
{
	return (uint64_t *)((uint8_t *)file + file->digests) + n;
}

/* ---- printing a state ---- */

static void print_value(const char *name, uint64_t v, int digits)
{
	print("  ");
	print(name);
	print(" ");
	print_hex(v, digits);
	print("\n");
}

static void print_bytes(const char *name, const uint8_t *from, int n, int step)
{
	print("  ");
	print(name);
	print(" ");
	for (int k = 0; k < n; k++)
		print_hex(from[step > 0 ? k : n - 1 - k], 2);
	print("\n");
}

static void print_numbered(const char *name, int number, const uint8_t *from, int n)
{
	char text[8], *p = text;

	while (*name)
		*p++ = *name++;
	if (number >= 10)
		*p++ = '1';
	*p++ = (char)('0' + number % 10);
	*p = 0;
	print_bytes(text, from, n, -1);
}

static void print_fx(const struct state *s, int registers)
{
	print_bytes("fcw", s->fx, 2, -1);
	print_bytes("fsw", s->fx + 2, 2, -1);
	print_bytes("ftw", s->fx + 4, 1, -1);
	print_bytes("mxcsr", s->fx + 24, 4, -1);
	for (int k = 0; k < 8; k++)
		print_numbered("st", k, s->fx + 32 + 16 * k, 10);
	for (int k = 0; k < registers; k++)
		print_numbered("xmm", k, s->fx + 160 + 16 * k, 16);
}

static void print_state(const struct vector_group *g, const struct state *s)
{
	int wide = g->mode == VECTOR_LONG64 || g->mode == VECTOR_LONG64_R0, registers = wide ? 16 : 8;

	for (int k = 0; k < registers; k++)
		print_value(gpr_names[k], s->gpr[k], 16);
	print_value("rflags", s->rflags, 8);
	print_value("rip", s->rip, 16);
	print_value("cr2", s->cr2, 16);
	if (wide) {
		print_value("fsbase", s->fs_base, 16);
		print_value("gsbase", s->gs_base, 16);
	}
	print("  vector ");
	print_number(s->vector);
	print("\n");
	print_value("error", s->error, 8);
	if (g->options & GROUP_FPU)
		print_fx(s, registers);
	print_bytes("data0", s->data[0], 2 * WINDOW, 1);
	print_bytes("data1", s->data[1], 2 * WINDOW, 1);
	print_bytes("data2", s->data[2], 2 * WINDOW, 1);
	print_bytes("stack", s->stack, STACK_WINDOW, 1);
}

/* ---- the groups ---- */

static struct state before, after;
static uint32_t reported;

static void report(uint32_t n, uint32_t k, uint64_t got, uint64_t want)
{
	file->failures++;
	print("differs ");
	print_number(n);
	print(" ");
	print_number(k);
	print(" digest ");
	print_hex(got, 16);
	print(" want ");
	print_hex(want, 16);
	print("\n");
	if (reported++ < file->report_limit)
		print_state(group(n), &after);
}

/*
 * Whether a case jumped to code that is not its own and ran it: what is there depends on the other groups. Only a page fault at the jump's target is
 * the case's own result.
 */
static int left_its_code(const struct vector_group *g, const struct state *s)
{
	if (s->rip <= g->length || s->vector == 8)
		return 0;
	return s->vector != 14 || (!(g->options & GROUP_VENDOR) && ((s->cr2 ^ (g->code + s->rip)) & 0xfff));
}

static void run_group(uint32_t n)
{
	const struct vector_group *g = group(n);
	int recording = file->run == RUN_RECORD;

	if (!modes[g->mode].cs || recording != (recording && g->oracle == ORACLE_MACHINE))
		return;
	case_begin(g);
	for (uint32_t k = 0; k < g->states; k++) {
		uint64_t *want = digest(g->digest + k);
		if (!recording && *want == DIGEST_NONE)
			continue;
		file->at_group = n;
		file->at_state = k;
		case_run(g, k, &before, &after);
		uint64_t got = after.vector == VECTOR_ENDLESS || (recording && left_its_code(g, &after)) ? DIGEST_NONE : state_digest(&after, g);
		file->cases++;
		if (recording)
			*want = got;
		else if (got != *want)
			report(n, k, got, *want);
	}
	/* what the CPU wrote elsewhere its oracle knows, and leaves such groups out */
	if (case_end(g) && g->oracle == ORACLE_CPU && !recording) {
		print("stray ");
		print_number(n);
		print("\n");
		file->failures++;
	}
}

static void explain(void)
{
	const struct vector_group *g = group(file->at_group);

	case_begin(g);
	case_run(g, file->at_state, &before, &after);
	case_end(g);
	print("initial\n");
	print_state(g, &before);
	print("final\n");
	print_state(g, &after);
}

void stop(const char *text)
{
	print(text);
	print("\n");
	console_flush();
	((void (*)(void))physical(AT_END))();
	power_off();
	for (;;)
		__asm__ volatile("cli\n\thlt");
}

/* Groups of modes that are still to be run, by another payload. */
static uint32_t others(void)
{
	uint32_t found = 0;

	for (uint32_t n = 0; n < file->ngroups; n++)
		found += group(n)->mode > modes_first && !modes[group(n)->mode].cs && group(n)->states;
	return found;
}

static void run_all(void)
{
	for (uint32_t n = 0; n < file->ngroups; n++)
		run_group(n);
	if (!others())
		return;
	modes_others();
	print("skipped ");
	print_number(others());
	print(" groups: this machine has no long mode\n");
	file->failures += others();
}

void main(void)
{
	if (file->magic != VECTOR_MAGIC || file->version != VECTOR_VERSION)
		stop("payload: there is no vector file of this version in memory");
	paging_init(VECTOR_PHYS + file->code, file->code_pages);
	modes_init();
	print("\npayload\n");
	if (file->run != RUN_EXPLAIN)
		run_all();
	else if (modes[group(file->at_group)->mode].cs)
		explain();
	else
		modes_others();
	print("cases ");
	print_number(file->cases);
	print(" failures ");
	print_number(file->failures);
	print("\n");
	file->finished = 1;
	stop("finished");
}
