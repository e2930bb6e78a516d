#include "bench/bench.h"
#include "bench/x86/cpu.h"
#include "bench/x86/layout.h"
#include "bench/x86/pci.h"
#include "bench/x86/traps.h"
#include "tests/endurance/churn/churn.h"
#include "tests/endurance/function.h"

#define SEED 0x2545f491
#define STEPS 12
#define FUNCTIONS 4           /* in a page of code, and a constant that is patched */
#define FUNCTION_AT(k) ((k) * (PAGE / FUNCTIONS))
#define CONSTANT_AT 512
#define PATCHES 40
#define USER_TOUCHES 24
#define CR3_LOADS 2048
#define PAM_C0000 0x58        /* the register's dword, and the two bits of C0000-C3FFF that make it readable RAM and writable */
#define PAM_ON 0x00030000u
#define PAM_CHANGES 8
#define SHADOW 0xc0000

static uint32_t state;        /* of the numbers that decide what is done */
static uint32_t salted;       /* of those that go into pages */
static uint32_t sum;
static uint16_t global[GLOBALS];

static uint32_t choose(uint32_t n)
{
	return (next_random(&state) >> 8) % n;
}

static uint32_t value(void)
{
	return next_random(&salted);
}

static void check(const char *what, uint32_t got, uint32_t wanted)
{
	if (got != wanted)
		give_up(what, got);
	sum = mix(sum, got);
}

static void call_function(uintptr_t page, uint32_t seed, unsigned n)
{
	check("a function returned ", call((void *)(page + FUNCTION_AT(n)), state), function_result(seed + n, STEPS, state));
}

static void touch_code(const struct space *s, unsigned k)
{
	call_function(slot_address(s, k), frames[s->frame[k]].stamp, choose(FUNCTIONS));
}

static void touch_data(const struct space *s, unsigned k, bool write)
{
	uintptr_t at = slot_address(s, k);
	uint32_t first = peek(at), last = peek(at + PAGE - 4);

	check("a page begins with ", first, frames[s->frame[k]].stamp);
	check("a page ends with ", last, frames[s->frame[k]].stamp);
	if (!write)
		return;
	first = value();
	poke(at, first);
	poke(at + PAGE - 4, first);
	frames[s->frame[k]].stamp = first;
}

/* One page of the current space, whatever it is: one that is absent comes by its page fault. */
static void touch(void)
{
	unsigned k = choose(SLOTS);

	if (frames[current->frame[k]].code)
		touch_code(current, k);
	else
		touch_data(current, k, choose(2));
}

static void touch_some(uint32_t n)
{
	while (n--)
		touch();
}

static void some_touches(void)
{
	touch_some(16);
}

/* In ring 3, where the space is open to it. */
static void user_touches(void)
{
	if (!current->user) {
		touch_some(USER_TOUCHES);
		return;
	}
	run_user(touch_some, USER_TOUCHES);
	__asm__ volatile("sti");
}

static void unmap(void)
{
	for (uint32_t n = 1 + choose(12); n; n--)
		slot_set(choose(SLOTS), 0);
}

/* mov eax, imm32; ret */
static void write_constant(uintptr_t at)
{
	*(volatile uint8_t *)(at + CONSTANT_AT) = 0xb8;
	*(volatile uint8_t *)(at + CONSTANT_AT + 5) = 0xc3;
}

static void write_code(uintptr_t at, uint32_t seed)
{
	for (unsigned n = 0; n < FUNCTIONS; n++)
		function_write((uint8_t *)at + FUNCTION_AT(n), seed + n, STEPS);
	write_constant(at);
}

/* A page of code is read into memory, by its physical address or where it will run, and called. */
static void load_code(void)
{
	uint32_t seed = value();
	unsigned k = choose(SLOTS), f = frame_take(seed);
	bool mapped = choose(2);

	if (!mapped)
		write_code((uintptr_t)frame_memory(f), seed);
	slot_set(k, f);
	if (mapped)
		write_code(slot_address(current, k), seed);
	frames[f].code = true;
	for (unsigned n = 0; n < FUNCTIONS; n++)
		call_function(slot_address(current, k), seed, n);
}

/* Whether the page is of code; then it is the current space's alone. */
static bool own_code(unsigned k)
{
	if (!frames[current->frame[k]].code)
		return false;
	write_constant(slot_address(current, k));
	return true;
}

/* The constant is changed often, and called each time. */
static void patch(void)
{
	unsigned k = choose(SLOTS), alias = choose(2);
	uint32_t v = value();

	for (unsigned tries = 0; !own_code(k); k = (k + 1) % SLOTS)
		if (++tries == SLOTS)
			return;
	uintptr_t at = slot_address(current, k) + CONSTANT_AT, through = alias ? (uintptr_t)frame_memory(current->frame[k]) + CONSTANT_AT : at;
	for (uint32_t n = 0; n < PATCHES; n++, v += 3) {
		poke(through + 1, v);
		check("a patched function returned ", call((void *)at, n), v);
	}
	touch_code(current, k);
}

/* Code from one page to the next: two frames of data that lie anywhere. */
static void cross(void)
{
	unsigned k = choose(SLOTS - 1), before = 1 + choose(100);
	uintptr_t second = slot_address(current, k + 1);
	uint32_t seed = value();

	if (frames[current->frame[k]].code || frames[current->frame[k + 1]].code)
		return;
	touch_data(current, k, true);
	touch_data(current, k + 1, true);
	function_write((uint8_t *)second - before, seed, STEPS);
	check("a function in two pages returned ", call((void *)(second - before), seed), function_result(seed, STEPS, seed));
	poke(second - 4, frames[current->frame[k]].stamp);
	poke(second, frames[current->frame[k + 1]].stamp);
}

static struct space *another(void)
{
	uint32_t number = (uint32_t)(current - spaces);

	return &spaces[(number + 1 + choose(SPACES - 1)) % SPACES];
}

static void switch_space(void)
{
	space_enter(another(), !choose(4));
	touch_some(4);
}

static void fork_space(void)
{
	struct space *child = another();

	space_fork(child);
	touch_some(4);
	space_enter(child, false);
	touch_some(8);
}

static void end_space(void)
{
	space_empty(choose(2) ? current : another());
}

static void load_often(void)
{
	space_reload(CR3_LOADS);
	touch();
}

static void map_large(void)
{
	large_pages(choose(4));
}

/* A page that all spaces have is mapped and written, seen in another space, and unmapped there, now or later. */
static void map_global(void)
{
	unsigned g = choose(GLOBALS);

	if (global[g]) {
		check("a global page begins with ", peek(global_address(g)), frames[global[g]].stamp);
		global_set(g, 0);
		frame_release(global[g]);
	}
	global[g] = (uint16_t)frame_take(value());
	global_set(g, global[g]);
	check("a global page ends with ", peek(global_address(g) + PAGE - 4), frames[global[g]].stamp);
	space_enter(another(), false);
	check("a global page of another space begins with ", peek(global_address(g)), frames[global[g]].stamp);
}

static void release_globals(void)
{
	for (unsigned g = 0; g < GLOBALS; g++) {
		global_set(g, 0);
		if (global[g])
			frame_release(global[g]);
		global[g] = 0;
	}
}

/* The board shows RAM, ROM in its place, and so on. */
static void change_board(void)
{
	uint32_t pam = pci_read(0, PAM_C0000) & ~PAM_ON, v = value();

	pci_write(0, PAM_C0000, pam | PAM_ON);
	poke(SHADOW, v);
	for (unsigned n = PAM_CHANGES; n; n--) {
		pci_write(0, PAM_C0000, pam);
		peek(SHADOW);
		pci_write(0, PAM_C0000, pam | PAM_ON);
		check("memory below ROM begins with ", peek(SHADOW), v);
	}
}

static void (*const deeds[])(void) = {
	some_touches, some_touches, some_touches, some_touches, some_touches, some_touches, user_touches, user_touches, user_touches, user_touches,
	unmap, unmap, unmap, unmap, load_code, load_code, load_code, load_code, patch, patch, cross, cross, switch_space, switch_space, switch_space,
	switch_space, fork_space, fork_space, end_space, load_often, map_large, map_global, map_global, map_global, change_board,
};

uint32_t work(uint32_t rounds, uint32_t salt)
{
	state = SEED;
	salted = SEED + salt * 2;
	sum = faults = 0;
	frames_all_free();
	while (rounds--) {
		deeds[choose(sizeof deeds / sizeof *deeds)]();
		clocks_poll();
	}
	for (unsigned k = 0; k < SPACES; k++)
		space_empty(&spaces[k]);
	release_globals();
	return sum;
}
