/* One case of each mode: registers and memory set, run, and collected. */
#include "tests/conformance/payload/payload.h"

/* The longest code, and the UD2 behind it. */
#define PRISTINE_MAX 0x10002

static uint8_t pristine[PRISTINE_MAX];

static uint8_t *code_of(const struct vector_group *g)
{
	return (uint8_t *)file + file->code + g->code;
}

static void copy(void *to, const void *from, uintptr_t bytes)
{
	bytes /= 4;
	__asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

void copy_bytes(void *to, const void *from, uintptr_t bytes)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

void clear_bytes(void *to, uintptr_t bytes)
{
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(0) : "memory");
}

/* Writes only what differs: a store into code that has been translated costs much. */
static void restore_bytes(uint8_t *to, const uint8_t *from, uint32_t bytes)
{
	for (uint32_t k = 0; k < bytes; k++)
		if (to[k] != from[k])
			to[k] = from[k];
}

static uint8_t *data_of(const struct vector_group *g)
{
	return physical(modes[g->mode].data);
}

static uint8_t *stack_of(const struct vector_group *g)
{
	return physical(modes[g->mode].stack);
}

static uint32_t window_size(const struct vector_group *g, int w)
{
	return w == 2 && !modes[g->mode].wide_memory ? WINDOW : 2 * WINDOW;
}

static void put_memory(const struct vector_group *g, const struct state *s)
{
	for (int w = 0; w < 3; w++)
		copy(data_of(g) + WINDOW_AT(w), s->data[w], window_size(g, w));
	copy(stack_of(g) + STACK_WINDOW_AT, s->stack, STACK_WINDOW);
}

static void get_memory(const struct vector_group *g, struct state *s)
{
	for (int w = 0; w < 3; w++)
		copy(s->data[w], data_of(g) + WINDOW_AT(w), window_size(g, w));
	if (window_size(g, 2) == WINDOW)
		for (int k = WINDOW; k < 2 * WINDOW; k++)
			s->data[2][k] = 0;
	copy(s->stack, stack_of(g) + STACK_WINDOW_AT, STACK_WINDOW);
}

void case_begin(const struct vector_group *g)
{
	mode_begin(g);
	if (g->options & GROUP_CODE_WRITABLE) {
		copy_bytes(pristine, code_of(g), g->length + 2u);
		paging_code_writable(g->code, g->length, 1);
	}
}

static int others_are_0(uint8_t *page, uint32_t from, uint32_t end)
{
	int clean = 1;

	for (uint32_t k = from; k < end; k += 4) {
		uint32_t *w = (uint32_t *)(page + k);
		if (*w) {
			*w = 0;
			clean = 0;
		}
	}
	return clean;
}

int case_end(const struct vector_group *g)
{
	uint8_t *data = data_of(g), *stack = stack_of(g);
	uint32_t at = 0;
	int clean = 1;

	if (g->options & GROUP_CODE_WRITABLE) {
		restore_bytes(code_of(g), pristine, g->length + 2u);
		paging_code_writable(g->code, g->length, 0);
	}
	for (int w = 0; w < 3; w++) {
		clean &= others_are_0(data, at, WINDOW_AT(w));
		at = WINDOW_AT(w) + window_size(g, w);
	}
	clean &= others_are_0(stack, 0, STACK_WINDOW_AT);
	clean &= others_are_0(stack, STACK_WINDOW_AT + STACK_WINDOW, 4096);
	mode_end(g);
	/* in real mode all of memory may be written: only the pages of other modes are watched */
	return !clean && g->mode != VECTOR_REAL;
}

void case_run(const struct vector_group *g, unsigned k, struct state *before, struct state *after)
{
	const struct mode *m = &modes[g->mode];
	int demand = (g->options & GROUP_DEMAND) != 0;

	state_make(before, g, k);
	put_memory(g, before);
	if (g->options & GROUP_CODE_WRITABLE)
		restore_bytes(code_of(g), pristine, g->length + 2u);
	if (demand)
		paging_demand(1);
	if (g->options & GROUP_FPU)
		__asm__ volatile("fxrstor %0" : : "m"(before->fx));
	mode_run(g, before, after);
	if (g->options & GROUP_FPU)
		__asm__ volatile("fxsave %0" : "=m"(after->fx));
	if (demand)
		paging_demand(0);
	after->rip = (after->rip - m->code_base - (g->code & m->code_mask)) & m->code_mask;
	get_memory(g, after);
	state_mask(after, g);
}
