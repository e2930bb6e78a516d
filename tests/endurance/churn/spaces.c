#include "bench/bench.h"
#include "bench/x86/cpu.h"
#include "bench/x86/layout.h"
#include "bench/x86/traps.h"
#include "tests/endurance/churn/churn.h"

#define PRESENT 1u
#define WRITE 2u
#define USER 4u
#define LARGE 0x80u
#define GLOBAL 0x100u
#define CR4_PGE 0x80u
#define CPUID_PCID (1u << 17) /* ECX of leaf 1 */

#ifdef LONG
#define LEVELS 4u
#define INDEX_BITS 9
#define WINDOW 0x8000000000u
#define WINDOW_HIGH 0xffff900000000000u
#define WINDOW_GLOBAL 0xffffa00000000000u
#define CR4_PCIDE 0x20000u
#define NO_FLUSH (1ull << 63)
#else
#define LEVELS 2u
#define INDEX_BITS 10
#define WINDOW 0x40000000u
#define WINDOW_HIGH 0xc0000000u
#define WINDOW_GLOBAL 0xd0000000u
#define CR4_PCIDE 0u
#define NO_FLUSH 0u
#endif
#define ENTRIES (1u << INDEX_BITS)
#define LARGE_PAGE ((uintptr_t)PAGE << INDEX_BITS)
#define TABLES (LEVELS + 1) /* pages of a space; the last is the table that takes a large page's place */
#define TABLE_MEMORY (ARENA + FRAMES * PAGE)
#define GLOBAL_TABLES (TABLE_MEMORY + SPACES * TABLES * PAGE)
#define LARGE_MEMORY (ARENA + 0x2000000u)
#define LARGE_PAGES 4u
#define LARGE_STRIDE 0x40000u
#define LARGE_PIECES 8u /* pages that are looked at in a large one */

struct space spaces[SPACES], *current;
uint32_t loads, faults;
static uintptr_t *globals;
static bool pcids;

static unsigned index_of(uintptr_t lin, unsigned level)
{
	return lin >> (12 + level * INDEX_BITS) & (ENTRIES - 1);
}

/* What a page of LARGE_MEMORY begins with. */
static uint32_t stamp_of(uintptr_t page)
{
	return (uint32_t)page * 5;
}

static void copy_page(void *to, const void *from)
{
	uintptr_t n = PAGE / 4;

	__asm__ volatile("cld\n\trep movsl" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static void clear_page(uintptr_t page)
{
	uintptr_t n = PAGE / 4;

	__asm__ volatile("cld\n\trep stosl" : "+D"(page), "+c"(n) : "a"(0) : "memory");
}

/* Tables for lin from `page` on, which are linked below `top`. Returns the last one's entry of lin. */
static uintptr_t *make_tables(uintptr_t *top, uintptr_t lin, uintptr_t page)
{
	uintptr_t *entry = top + index_of(lin, LEVELS - 1);

	for (unsigned level = LEVELS - 1; level--; page += PAGE) {
		clear_page(page);
		*entry = page | PRESENT | WRITE | USER;
		entry = (uintptr_t *)page + index_of(lin, level);
	}
	return entry;
}

static void space_make(struct space *s, unsigned number)
{
	uintptr_t page = TABLE_MEMORY + (uintptr_t)number * TABLES * PAGE;

	s->top = page;
	s->window = number & 1 ? WINDOW_HIGH : WINDOW;
	s->user = !(number & 2);
	copy_page((void *)page, (const void *)PAGE_TOP);
	s->slot = make_tables((uintptr_t *)page, s->window, page + PAGE);
	s->large = (uintptr_t *)(page + (LEVELS - 2) * PAGE) + index_of(s->window, 1) + 1;
	*s->large = 0;
}

static bool has_pcids(void)
{
	uint32_t a = 1, b, c = 0, d;

	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return CR4_PCIDE && c & CPUID_PCID;
}

static void set_cr4(uintptr_t bits)
{
	uintptr_t cr;

	__asm__ volatile("mov %%cr4, %0\n\tor %1, %0\n\tmov %0, %%cr4" : "=&r"(cr) : "r"(bits) : "memory");
}

uintptr_t slot_address(const struct space *s, unsigned k)
{
	return s->window + (uintptr_t)k * PAGE;
}

void space_enter(struct space *s, bool flush)
{
	uintptr_t v = s->top;

	if (pcids)
		v |= (uintptr_t)(s - spaces + 1) | (flush || s->stale ? 0 : NO_FLUSH);
	current = s;
	s->stale = false;
	loads++;
	load_cr3(v);
}

void space_reload(unsigned times)
{
	while (times--)
		space_enter(current, true);
}

static void copy_frame(struct space *s, unsigned k)
{
	unsigned from = s->frame[k], f;

	if (frames[from].refs > 1) {
		f = frame_take(frames[from].stamp);
		copy_page(frame_memory(f), frame_memory(from));
		frames[f].code = frames[from].code;
		slot_set(k, f);
	} else {
		s->slot[k] |= WRITE;
		invalidate(slot_address(s, k));
	}
}

static void page_fault_taken(uintptr_t at)
{
	struct space *s = current;
	uintptr_t k = (at - s->window) / PAGE;

	faults++;
	if (k >= SLOTS)
		give_up("page fault at ", at);
	if (!s->frame[k])
		slot_set((unsigned)k, frame_take(mix(faults, (uint32_t)k)));
	else if (!(s->slot[k] & WRITE))
		copy_frame(s, (unsigned)k);
	else
		give_up("page fault of a page that may be read and written: ", at);
}

void spaces_init(void)
{
	globals = make_tables((uintptr_t *)PAGE_TOP, WINDOW_GLOBAL, GLOBAL_TABLES);
	for (unsigned k = 0; k < SPACES; k++)
		space_make(&spaces[k], k);
	for (uintptr_t at = 0; at < LARGE_PAGES * LARGE_PAGE; at += PAGE)
		poke(LARGE_MEMORY + at, stamp_of(LARGE_MEMORY + at));
	load_cr3(spaces[0].top);
	pcids = has_pcids();
	set_cr4(CR4_PGE | (pcids ? CR4_PCIDE : 0));
	page_fault_handler = page_fault_taken;
	space_enter(&spaces[0], true);
}

void slot_set(unsigned k, unsigned f)
{
	struct space *s = current;
	bool was = s->slot[k] & PRESENT;

	if (s->frame[k])
		frame_release(s->frame[k]);
	s->frame[k] = (uint16_t)f;
	s->slot[k] = f ? (uintptr_t)frame_memory(f) | PRESENT | WRITE | (s->user ? USER : 0) : 0;
	if (was)
		invalidate(slot_address(s, k));
}

void space_empty(struct space *s)
{
	for (unsigned k = 0; k < SLOTS; k++) {
		if (s->frame[k])
			frame_release(s->frame[k]);
		s->frame[k] = 0;
		s->slot[k] = 0;
	}
	s->stale = true;
	if (s == current)
		space_enter(s, true);
}

void space_fork(struct space *child)
{
	struct space *s = current;

	space_empty(child);
	for (unsigned k = 0; k < SLOTS; k++) {
		if (!s->frame[k])
			continue;
		frames[s->frame[k]].refs++;
		s->slot[k] &= ~(uintptr_t)WRITE;
		child->frame[k] = s->frame[k];
		child->slot[k] = (uintptr_t)frame_memory(s->frame[k]) | PRESENT | (child->user ? USER : 0);
	}
	space_enter(s, true);
}

static void expect(uintptr_t at, uint32_t wanted)
{
	uint32_t v = peek(at);

	if (v != wanted)
		give_up("a page that is not the one mapped is at ", at);
}

static uintptr_t large_memory(uint32_t which)
{
	return LARGE_MEMORY + which % LARGE_PAGES * LARGE_PAGE;
}

/* Page k of those that take a large page's place. */
static uintptr_t small_page(uint32_t which, uintptr_t k)
{
	return large_memory(which + (k & 1)) + k * PAGE;
}

static void large_map(uintptr_t lin, uint32_t which)
{
	*current->large = large_memory(which) | PRESENT | WRITE | LARGE;
	invalidate(lin + LARGE_STRIDE);
	for (uintptr_t at = 0; at < LARGE_PIECES * LARGE_STRIDE; at += LARGE_STRIDE)
		expect(lin + at, stamp_of(large_memory(which) + at));
}

void large_pages(uint32_t which)
{
	uintptr_t lin = (current->window & -LARGE_PAGE) + LARGE_PAGE, table = current->top + LEVELS * PAGE;

	large_map(lin, which);
	large_map(lin, which + 1);
	for (uintptr_t k = 0; k < LARGE_PIECES; k++)
		((uintptr_t *)table)[k] = small_page(which, k) | PRESENT | WRITE;
	*current->large = table | PRESENT | WRITE;
	invalidate(lin);
	for (uintptr_t k = 0; k < LARGE_PIECES; k++)
		expect(lin + k * PAGE, stamp_of(small_page(which, k)));
	*current->large = 0;
	for (uintptr_t k = 0; k < LARGE_PIECES; k++)
		invalidate(lin + k * PAGE);
}

uintptr_t global_address(unsigned g)
{
	return WINDOW_GLOBAL + (uintptr_t)g * PAGE;
}

void global_set(unsigned g, unsigned f)
{
	globals[g] = f ? (uintptr_t)frame_memory(f) | PRESENT | WRITE | GLOBAL : 0;
	invalidate(global_address(g));
}
