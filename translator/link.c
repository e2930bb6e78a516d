/*
 * Links: direct exits patched to jump straight to the region of their target. Each region knows which exits lead to it, so that a link can be
 * undone when it dies or its memory is used again.
 */
#include <errno.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "translator/cache_internal.h"

static struct exit_slot *find_exit(struct code_cache *c, uint64_t ra, struct region **from)
{
	struct region *r = cache_find_host(c, ra - 4);

	*from = r;
	for (uint32_t k = 0; r && k < r->nexits; k++)
		if (r->exits[k].at == (uint32_t *)(ra - 4))
			return &r->exits[k];
	return NULL;
}

bool cache_exit_target(struct cpu *cpu, uint64_t ra, uint64_t *eip)
{
	struct region *from;
	const struct exit_slot *x = find_exit(cpu->cache, ra, &from);

	if (!x)
		return false;
	*eip = x->target;
	return true;
}

/* A region that goes to the exit's target by the probe table or the jump cache, for exits that no link may serve because a second page has a part in it. NULL
 * without room in the open segment. */
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

void cache_link(struct cpu *cpu, uint64_t ra, struct region *to)
{
	struct region *from;
	struct exit_slot *x = find_exit(cpu->cache, ra, &from);

	if (!x || x->prev || (from->flags | to->flags) & (REGION_DEAD | REGION_TRANSIENT) || to->eip != x->target || to->mode != from->mode)
		return;
	if ((from->gpa ^ to->gpa) >> 12 || from->gpa2 || to->gpa2)
		to = make_jump(cpu, from, x->target);
	if (!to)
		return;
	struct emit e = { .p = x->at, .start = x->at, .end = x->at + 1 };
	la_b(&e, (int)((char *)to->host - (char *)e.p));
	add(to, x);
	ibar();
	cpu->cache->stats.links++;
}

void link_undo_all(struct code_cache *c, struct region *r)
{
	uint32_t *stub = c->stubs.link[cache_stub_set(r->mode)];
	struct exit_slot *x;

	if (!r->links)
		return;
	while ((x = r->links)) {
		struct emit e = { .p = x->at, .start = x->at, .end = x->at + 1 };

		la_bl(&e, (int)((char *)stub - (char *)e.p));
		take_out(x);
	}
	ibar();
}

void link_drop_exits(struct region *r)
{
	for (uint32_t k = 0; k < r->nexits; k++)
		if (r->exits[k].prev)
			take_out(&r->exits[k]);
}
