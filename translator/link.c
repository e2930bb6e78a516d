/*
 * Links: direct exits patched to jump straight to the region of their target. Each region knows which exits lead to it, so that a link can be
 * undone when it dies or its memory is used again. Those from other pages, and to instructions that run over into one, are undone too when something else may be
 * mapped where it is.
 */
#include <errno.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "translator/cache_internal.h"
#include "translator/gen.h"
#include "translator/mmu.h"

#define FAR_UNDONE_MAX 8

struct exit_slot *link_exit(struct cpu *cpu, uint64_t ra, struct region **from)
{
	struct region *r = cache_find_host(cpu->cache, ra - 4);

	*from = r;
	for (uint32_t k = 0; r && k < r->nexits; k++)
		if (r->exits[k].at == (uint32_t *)(ra - 4))
			return &r->exits[k];
	return NULL;
}

/* A region that goes to the exit's target by the probe table or the jump cache, for exits that no link may serve (jumps()). NULL without room in the open segment. */
static struct region *make_jump(struct cpu *cpu, const struct region *from, uint64_t eip)
{
	struct code_cache *c = cpu->cache;
	struct segment *s = &c->segments[c->open];
	struct emit e = { .p = s->next, .start = s->next, .end = s->end };
	bool trusted = (from->mode & MODE_TRUSTED) == MODE_TRUSTED;
	uint32_t *const *stub = trusted ? c->stubs.jump : c->stubs.jump_checked;

	/* as each stub wants it: sign-extended in 32-bit code, or as it is */
	la_li(&e, T0, trusted && !(from->mode & MODE_LONG) ? (int32_t)eip : (int64_t)eip);
	if (trusted) {
		uint32_t *miss = gen_look_up(&e, T0);
		la_jr(&e, T5); /* flags are settled */
		emit_fix_branch(miss, e.p);
	}
	la_b(&e, (int)((char *)stub[cache_stub_set(from->mode)] - (char *)e.p));
	if (e.overflow || s->nregions == s->max_regions)
		return NULL;
	struct region *r = segment_meta(s, sizeof *r);
	if (!r)
		return NULL;
	*r = (struct region){ .host = e.start, .code = e.start, .code_end = e.p, .flags = REGION_TRANSIENT, .mode = from->mode };
	segment_add(s, r);
	return r;
}

static void add(struct region *to, struct exit_slot *x)
{
	x->next = to->links;
	x->prev = &to->links;
	if (x->next)
		x->next->prev = &x->next;
	to->links = x;
}

static void take_out(struct exit_slot *x)
{
	*x->prev = x->next;
	if (x->next)
		x->next->prev = x->prev;
	x->prev = NULL;
}

/* Whether loads of CR3 change nothing about where the region's source is. */
static bool is_global(struct cpu *cpu, const struct region *r)
{
	return mmu_is_global(cpu, r->eip) && (!r->gpa2 || mmu_is_global(cpu, r->eip + 4096));
}

static void far_add(struct cpu *cpu, struct region *r)
{
	struct region **list;

	if (r->far_prev)
		return;
	list = &cpu->cache->far[is_global(cpu, r)];
	r->far_next = *list;
	r->far_prev = list;
	if (r->far_next)
		r->far_next->far_prev = &r->far_next;
	*list = r;
	jump_cache_note_pages(cpu->cache, r, r->eip);
}

static void far_take_out(struct region *r)
{
	if (!r->far_prev)
		return;
	*r->far_prev = r->far_next;
	if (r->far_next)
		r->far_next->far_prev = r->far_prev;
	r->far_prev = NULL;
}

/* Whether no link may serve the exit of the one for the other: some would be undone all the time. */
static bool jumps(const struct region *from, const struct region *to, const struct exit_slot *x)
{
	if (to->gpa2 && ((to->mode & MODE_TRUSTED) != MODE_TRUSTED || to->mode & MODE_CPL))
		return true;
	if (!x->far && (from->gpa2 || (from->gpa ^ to->gpa) >> 12))
		return true;
	return x->undone == FAR_UNDONE_MAX;
}

/* Whether a link of the exit to the region is one of those that depend on what is mapped in a page. */
static bool depends(const struct exit_slot *x, const struct region *to)
{
	return x->far || to->gpa2;
}

static void put(uint32_t *at, const uint32_t *target)
{
	struct emit e = { .p = at, .start = at, .end = at + 1 };

	la_b(&e, (int)((const char *)target - (char *)at));
}

void link_make(struct cpu *cpu, const struct region *from, struct exit_slot *x, struct region *to)
{
	struct code_cache *c = cpu->cache;

	if (x->prev || (from->flags | to->flags) & (REGION_DEAD | REGION_TRANSIENT) || to->eip != x->target || to->mode != from->mode)
		return;
	if (jumps(from, to, x))
		to = make_jump(cpu, from, x->target);
	else if (depends(x, to))
		far_add(cpu, to);
	if (!to)
		return;
	put(depends(x, to) && to->probe == to->host ? x->at - x->early : x->at, to->host);
	add(to, x);
	ibar();
	c->stats.links++;
}

/* The exit, which is not in a list any more, leads to the dispatcher again. */
static void undo(struct code_cache *c, const struct region *to, const struct exit_slot *x)
{
	struct emit e = { .p = x->at, .start = x->at, .end = x->at + 1 };

	la_bl(&e, (int)((char *)c->stubs.link[cache_stub_set(to->mode)] - (char *)e.p));
	if (!x->early)
		return;
	e = (struct emit){ .p = x->at - x->early, .start = x->at - x->early, .end = x->at };
	la_nop(&e);
}

void link_undo_all(struct code_cache *c, struct region *r)
{
	struct exit_slot *x;

	far_take_out(r);
	if (!r->links)
		return;
	while ((x = r->links)) {
		take_out(x);
		undo(c, r, x);
	}
	ibar();
}

static void undo_far(struct code_cache *c, struct region *r, bool local)
{
	struct exit_slot *next;

	far_take_out(r);
	for (struct exit_slot *x = r->links; x; x = next) {
		next = x->next;
		if (!depends(x, r))
			continue;
		take_out(x);
		undo(c, r, x);
		x->undone += local;
	}
}

void link_undo_far_local(struct code_cache *c)
{
	if (!c->far[0])
		return;
	while (c->far[0])
		undo_far(c, c->far[0], true);
	ibar();
}

void link_undo_far(struct code_cache *c)
{
	for (int global = 0; global < 2; global++)
		while (c->far[global])
			undo_far(c, c->far[global], false);
	ibar();
}

void link_undo_far_page(struct code_cache *c, uint64_t page)
{
	struct region *next;

	for (int global = 0; global < 2; global++)
		for (struct region *r = c->far[global]; r; r = next) {
			next = r->far_next;
			uint64_t first = r->eip << 16 >> 28, last = (r->eip + (r->gpa2 ? 4096 : 0)) << 16 >> 28;
			if (first == page || last == page)
				undo_far(c, r, false);
		}
	ibar();
}

void link_drop_exits(struct region *r)
{
	for (uint32_t k = 0; k < r->nexits; k++)
		if (r->exits[k].prev)
			take_out(&r->exits[k]);
}
