/* Region building: which instructions, in what order, and which of their flags matter. */
#include "translator/region.h"

#include <string.h>

#include "translator/cpu.h"

int plan_dsize(uint32_t mode)
{
	return mode & MODE_LONG ? MODE64 : mode & MODE_CS32 ? MODE32 : MODE16;
}

bool plan_branch_target(const struct rinsn *r, uint64_t eip_mask, uint64_t *target)
{
	if (!r->i.nopd || r->i.opd[0].kind != OPD_REL)
		return false;
	uint64_t mask = r->i.opsize == 2 ? 0xffff : eip_mask;
	*target = (r->eip + r->i.len + (uint64_t)r->i.imm) & mask;
	return true;
}

int plan_find(const struct plan *p, uint64_t eip)
{
	const struct rinsn *r = p->insn;

	/* the last one that does not lie behind eip is among these n */
	for (unsigned n = p->n, half; n > 1; n -= half) {
		half = n / 2;
		r = r[half].eip <= eip ? r + half : r;
	}
	return r->eip == eip ? (int)(r - p->insn) : -1;
}

/* The bytes at eip, and how many there are: none outside the page, or what there is of an instruction that crosses its end and behind it. */
static const uint8_t *source_at(const struct source *src, uint64_t eip, size_t *avail)
{
	uint64_t off = eip - (src->nbytes ? src->bytes_eip : src->page_eip);

	if (src->nbytes) {
		*avail = off < src->nbytes ? src->nbytes - off : 0;
		return src->bytes + off;
	}
	*avail = off < 4096 ? 4096 - off : 0;
	return src->page + off;
}

/* Whether a region that covers the instruction at eip, too, is not too long. */
static bool within_span(const struct plan *p, const struct source *src, uint64_t eip, unsigned len)
{
	const uint64_t span = src->nbytes ? src->nbytes : p->max * REGION_SPAN;
	uint64_t lo = eip < p->lo ? eip : p->lo;
	uint64_t hi = eip + len > p->hi ? eip + len : p->hi;
	return hi - lo <= span;
}

/*
 * A plan while its instructions are collected. They lie in address order on both sides of a gap, where those of the current run are put: so a run that belongs
 * between others moves them once.
 */
struct collection {
	struct plan *p;
	const struct source *src;
	uint64_t first;                /* what lies before it is left out */
	struct rinsn *before, *behind; /* where the gap begins, and the first instruction behind it */
	unsigned left;                 /* how many may still be added */
	unsigned nwork;
	uint64_t work[REGION_MAX_INSNS]; /* where runs may begin */
};

/* Moves the gap to where an instruction at eip belongs; false when it is there already, or eip lies within another. */
static bool move_gap(struct collection *c, uint64_t eip)
{
	struct rinsn *begin = c->p->insn, *end = begin + REGION_MAX_INSNS, *next = c->before, *previous;
	ptrdiff_t moved;

	while (next > begin && next[-1].eip >= eip)
		next--;
	previous = next - 1;
	if (next == c->before)
		for (next = c->behind; next < end && next->eip < eip; next++)
			previous = next;
	if ((next < end && next->eip == eip) || (previous >= begin && previous->eip + previous->i.len > eip))
		return false;
	if (next < c->before) {
		moved = next - c->before;
		memmove(c->behind + moved, next, (size_t)-moved * sizeof *next);
	} else {
		moved = next - c->behind;
		if (moved)
			memmove(c->before, c->behind, (size_t)moved * sizeof *next);
	}
	c->before += moved;
	c->behind += moved;
	return true;
}

/* What has been decoded into r lies at eip, and control goes on behind it unless it ends the region. */
static void set_up(struct rinsn *r, uint64_t eip)
{
	r->eip = eip;
	r->flags_in = r->narrow_in = 0;
	r->exit_known[0] = r->exit_known[1] = r->loop_head = r->leader = false;
	r->x87_in = (struct x87_reached){ false };
	r->stops_late = r->stops = false;
	r->target = -1;
	r->zero_in = r->sext_in = UINT16_MAX;
	r->first_from = UINT8_MAX;
	r->first = -1;
	r->unmade = false;
	r->late = 0;
	r->cc_in = -2;
	r->falls = !(r->i.attr & INSN_END);
	r->host = NULL;
}

/* Notes that a run may begin where r, a jump, branches to, if the region goes on there. */
static void follow(struct collection *c, const struct rinsn *r)
{
	const struct source *src = c->src;
	uint64_t target;

	if (r->i.op == OP_CALL || c->nwork == REGION_MAX_INSNS || !plan_branch_target(r, src->eip_mask, &target))
		return;
	if (src->unwatched || src->nbytes || target - src->page_eip >= 4096 || target < c->first)
		return;
	if (target < r->eip && src->begins && src->begins(src, target))
		return;
	c->work[c->nwork++] = target;
}

/* For instructions with one of `notable`'s properties: notes where r may branch to, and returns whether the run ends with it. */
static __attribute__((noinline)) bool turns(struct collection *c, const struct rinsn *r)
{
	if (r->i.attr & (INSN_COND | INSN_END))
		follow(c, r);
	return r->i.attr & INSN_END || (c->src->unwatched && insn_may_store(&r->i));
}

/* Collects what lies behind one another from `at` on, where the gap is. Returns 0, or why the plan's first instruction cannot be decoded. */
static int collect_run(struct collection *c, uint64_t at, int dsize)
{
	struct plan *p = c->p;
	const struct source *src = c->src;
	const bool meets = c->behind < p->insn + REGION_MAX_INSNS, begun = c->left < p->max;
	const uint64_t lo = at < p->lo ? at : p->lo, span = p->hi - lo > p->max * REGION_SPAN ? 0 : p->max * REGION_SPAN;
	/* never reached if it is nobody's */
	const uint64_t next = meets ? c->behind->eip : lo - 1, last = meets && next <= src->eip_last ? next - 1 : src->eip_last;
	const uint64_t room = last - lo < span ? last - lo + 1 : span;
	const unsigned notable = INSN_COND | INSN_END | (src->unwatched ? INSN_STORE : 0);
	struct rinsn *r = c->before, *const full = r + c->left;
	size_t avail;
	/* where EIP 0 would be, and the first EIP that is not there */
	const uintptr_t origin = (uintptr_t)source_at(src, at, &avail) - at;
	const uint64_t top = at + avail;
	int len = 0;

	for (; at != next && r != full; at += (unsigned)len) {
		if ((len = insn_decode(&r->i, (const uint8_t *)(origin + at), top - at, dsize)) < 0)
			break;
		uint64_t covered = at + (unsigned)len - lo;
		if (covered > room && (begun || r > c->before)) {
			p->cut |= covered > span;
			break;
		}
		set_up(r, at);
		r++;
		if (r[-1].i.attr & notable && turns(c, r - 1))
			break;
	}
	const uint64_t end = r > c->before ? r[-1].eip + r[-1].i.len : at;
	/* there is no room for what control goes on to */
	p->cut |= r == full && at == end && at != next;
	if (r == c->before)
		return begun ? 0 : len;
	c->before->leader = true;
	if (at != next)
		r[-1].falls = false;
	p->hi = end > p->hi ? end : p->hi;
	p->lo = lo;
	c->left -= (unsigned)(r - c->before);
	c->before = r;
	return 0;
}

/* Collects from `eip` what lies at `first` or behind. */
static int collect(struct plan *p, const struct source *src, uint64_t eip, uint64_t first, int dsize)
{
	struct rinsn *end = p->insn + REGION_MAX_INSNS;
	struct collection c;
	int error;

	c.p = p;
	c.src = src;
	c.first = first;
	c.before = p->insn;
	c.behind = end;
	c.left = p->max;
	c.nwork = 0;
	p->lo = p->hi = eip;
	p->cut = false;
	error = collect_run(&c, eip, dsize);
	while (!error && c.nwork > 0) {
		uint64_t at = c.work[--c.nwork];
		if (move_gap(&c, at))
			error = collect_run(&c, at, dsize);
	}
	memmove(c.before, c.behind, (size_t)(end - c.behind) * sizeof *end);
	p->n = p->max - c.left;
	return error;
}

/* Whether the four bytes at `at`, behind what may be the opcode of a jump, are the displacement that leads to `entry`. */
static bool leads_to(const uint8_t *at, const uint8_t *entry)
{
	int32_t rel;

	memcpy(&rel, at, sizeof rel);
	return at + sizeof rel + rel == entry && (at[-1] == 0xe9 || ((at[-1] & 0xf0) == 0x80 && at[-2] == 0x0f));
}

/* A bit for each of the eight bytes at `at` that is 0xff, as the one before it is, and maybe others: so ends every displacement that leads back and is short. */
static inline uint64_t ends(const uint8_t *at)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t bytes, set;

	memcpy(&bytes, at, sizeof bytes);
	set = (~bytes - ones) & bytes & ones << 7;
	return set & set << 8;
}

/* Whether one of those is the displacement of a jump to `entry`. */
static __attribute__((noinline)) bool has_one(uint64_t ends, const uint8_t *at, const uint8_t *entry)
{
	for (; ends; ends &= ends - 1)
		if (leads_to(at + __builtin_ctzll(ends) / 8 - (sizeof(int32_t) - 1), entry))
			return true;
	return false;
}

/*
 * Whether a jump behind the plan seems to lead back to its entry, with a displacement of 32 bits. Looks at bytes, eight at once:
 * decoding all that follows would take longer than making the region twice in the few cases where there is a loop. A wrong answer costs time only.
 */
static bool seems_loop(const struct plan *p, const struct source *src, uint64_t eip)
{
	const uint64_t first = p->hi - src->page_eip + sizeof(int32_t) - 2, entry = eip - src->page_eip, room = entry + REGION_MAX_INSNS * REGION_SPAN;
	const uint8_t *last = src->page + (room < 4096 ? room : 4096) - 8, *at = src->page + first;

	uint64_t found;

	for (; at < last; at += 7)
		if ((found = ends(at)) && has_one(found, at, src->page + entry))
			return true;
	return at < last + 7 && (found = ends(last)) && has_one(found, last, src->page + entry);
}

/*
 * Whether eip lies within a loop that begins with an x87 instruction: such a loop works on doubles best when its head is the entry of a region, but is left
 * elsewhere for interrupts (gen_x87_loop.c).
 */
static bool is_within_x87_loop(const struct plan *p, uint64_t eip)
{
	uint64_t target;

	for (const struct rinsn *r = p->insn, *end = r + p->n; r < end; r++) {
		if (r->eip < eip || r->i.op == OP_CALL || !plan_branch_target(r, p->eip_mask, &target) || target >= eip)
			continue;
		int k = plan_find(p, target);
		if (k >= 0 && p->insn[k].i.op == OP_X87)
			return true;
	}
	return false;
}

int plan_collect(struct plan *p, const struct source *src, uint64_t eip, int dsize, unsigned max)
{
	p->max = src->nbytes ? 1 : max;
	p->alone = max == 1 || src->unwatched || !src->page;
	p->eip_mask = dsize == MODE64 ? UINT64_MAX : 0xffffffff;
	int error = collect(p, src, eip, 0, dsize);
	bool cut = !error && p->cut, widens = cut && p->max == REGION_INSNS && dsize != MODE16 && !src->unwatched && seems_loop(p, src, eip);
	if (widens)
		p->max = REGION_MAX_INSNS;
	if (widens || (!error && p->lo < eip && (cut || is_within_x87_loop(p, eip))))
		error = collect(p, src, eip, eip, dsize);
	p->entry = (unsigned)plan_find(p, eip);
	return error;
}

/* Notes where r, which ends a run or may branch, goes to within the plan. */
static void mark_target(struct plan *p, struct rinsn *r)
{
	uint64_t target;
	int s = r->i.op != OP_CALL && plan_branch_target(r, p->eip_mask, &target) ? plan_find(p, target) : -1;

	if (s < 0)
		return;
	r->target = (int16_t)s;
	p->insn[s].leader = true;
	if (&p->insn[s] > r)
		return;
	p->loops = p->insn[s].loop_head = true;
	p->back[p->nback++] = (uint8_t)(r - p->insn);
}

/* What is to be known of an instruction before the others are looked at. */
static void note(struct plan *p, struct rinsn *r)
{
	size_t k = (size_t)(r - p->insn);

	if (r->i.attr & INSN_MOVES)
		p->copies[k / 64] |= 1ull << k % 64;
	else
		mark_target(p, r);
}

#define LOOK_AHEAD 6

/*
 * Arithmetic flags that the code at eip may read before it overwrites them, as far as a few instructions tell. Those instructions become part
 * of what the region covers, so that it dies when they change.
 */
static uint16_t live_at(struct plan *p, const struct source *src, uint64_t eip, int dsize)
{
	uint16_t open = FL_ARITH, live = 0;

	for (int n = 0; n < LOOK_AHEAD && open && !p->alone; n++) {
		struct insn i;
		size_t avail;
		const uint8_t *code = source_at(src, eip, &avail);
		if (!avail || insn_decode(&i, code, avail, dsize) < 0 || !within_span(p, src, eip, i.len))
			break;
		if (eip < p->lo)
			p->lo = eip;
		if (eip + i.len > p->hi)
			p->hi = eip + i.len;
		live |= open & i.flags_read;
		open &= ~i.flags_written;
		if (i.attr & (INSN_END | INSN_COND))
			break;
		eip += i.len;
	}
	return live | open;
}

/* What lives after a direct exit of r to eip; computed once. */
static uint16_t live_at_exit(struct plan *p, struct rinsn *r, const struct source *src, uint64_t eip, int dsize, int which)
{
	if (!r->exit_known[which]) {
		r->exit_known[which] = true;
		r->exit_live[which] = live_at(p, src, eip & src->eip_mask, dsize);
	}
	return r->exit_live[which];
}

static uint16_t live_after(struct plan *p, struct rinsn *r, const struct source *src, int dsize)
{
	int s = r->target;
	uint16_t live;
	uint64_t target;

	if (r->i.attr & INSN_END) {
		if ((r->i.op != OP_JMP && r->i.op != OP_CALL) || !plan_branch_target(r, src->eip_mask, &target))
			return FL_ARITH;
		return s >= 0 ? p->insn[s].flags_in : live_at_exit(p, r, src, target, dsize, 0);
	}
	live = r->falls ? r[1].flags_in : live_at_exit(p, r, src, r->eip + r->i.len, dsize, 1);
	if (r->i.attr & INSN_COND && plan_branch_target(r, src->eip_mask, &target))
		live |= s >= 0 ? p->insn[s].flags_in : live_at_exit(p, r, src, target, dsize, 0);
	return live;
}

/* One round from the last instruction to the first. The first one finds where branches go, and copies. */
static inline __attribute__((always_inline)) void spread_flags(struct plan *p, const struct source *src, int dsize, bool is_first)
{
	uint16_t in = 0;

	for (struct rinsn *r = &p->insn[p->n]; r-- > p->insn;) {
		uint16_t live = in;
		if (is_first && r->i.attr & (INSN_COND | INSN_END | INSN_MOVES))
			note(p, r);
		if (!r->falls || r->i.attr & (INSN_COND | INSN_END))
			live = live_after(p, r, src, dsize);
		r->flags_live = live;
		r->flags_in = in = ((live & ~r->i.flags_written) | r->i.flags_read) & FL_ARITH;
	}
}

/* Whether what branches back has seen all flags that are alive where it goes to. */
static bool is_settled(const struct plan *p)
{
	for (unsigned k = 0; k < p->nback; k++) {
		const struct rinsn *r = &p->insn[p->back[k]];

		if (p->insn[r->target].flags_in & ~r->flags_live)
			return false;
	}
	return true;
}

#define TURN_MAX 2

/* Arithmetic on registers that the code of a jump may do as well. */
static bool may_be_repeated(const struct insn *i)
{
	if (i->lock || i->opd[0].kind != OPD_GPR || i->opd[0].reg == RSP || (i->nopd > 1 && i->opd[1].kind == OPD_MEM))
		return false;
	return i->op == OP_CMP || i->op == OP_TEST || i->op == OP_INC || i->op == OP_DEC || i->op == OP_ADD || i->op == OP_SUB;
}

/* The instruction behind the branch out of the loop at `head`, if what comes before it can be repeated and it makes up the head's flags; else NULL. */
static const struct rinsn *behind_exit(const struct rinsn *head)
{
	const struct rinsn *r = head;

	while (r < head + TURN_MAX && r->falls && may_be_repeated(&r->i))
		r++;
	if (r == head || r->i.op != OP_JCC || !r->falls || r[1].flags_in)
		return NULL;
	return r + 1;
}

/* The same for the head that r jumps back to, if it does. */
static const struct rinsn *behind_jump(const struct plan *p, const struct rinsn *r)
{
	const struct rinsn *on = r->i.op == OP_JMP && r->target >= 0 && &p->insn[r->target] < r ? behind_exit(&p->insn[r->target]) : NULL;

	return on && on <= r ? on : NULL;
}

bool plan_turns(const struct plan *p, const struct rinsn *r)
{
	const struct rinsn *on = behind_jump(p, r);

	return on && on->loop_head;
}

/* Where such loops go on becomes the head of a loop, too. */
static void mark_turns(struct plan *p)
{
	for (unsigned k = 0; k < p->nback; k++) {
		const struct rinsn *on = behind_jump(p, &p->insn[p->back[k]]);
		if (on)
			p->insn[on - p->insn].leader = p->insn[on - p->insn].loop_head = true;
	}
}

void plan_analyse(struct plan *p, const struct source *src, int dsize)
{
	p->loops = false;
	p->nback = 0;
	memset(p->copies, 0, sizeof p->copies);
	spread_flags(p, src, dsize, true);
	while (!is_settled(p))
		spread_flags(p, src, dsize, false);
	if (dsize == MODE64)
		upper_analyse(p);
	else if (p->loops)
		mark_turns(p);
}
