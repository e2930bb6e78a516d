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

/* Where an instruction at eip is inserted; -1 when it is there already, or eip lies within another. */
static int place(const struct plan *p, uint64_t eip)
{
	const struct rinsn *r = &p->insn[p->n];

	while (r > p->insn && r[-1].eip >= eip)
		r--;
	if (r < &p->insn[p->n] && r->eip == eip)
		return -1;
	if (r > p->insn && r[-1].eip + r[-1].i.len > eip)
		return -1;
	return (int)(r - p->insn);
}

/* The same for one directly behind instruction k. */
static int place_behind(const struct plan *p, unsigned k, uint64_t eip)
{
	return k + 1 == p->n || p->insn[k + 1].eip != eip ? (int)k + 1 : -1;
}

static int decode_at(const struct source *src, uint64_t eip, int dsize, struct insn *out)
{
	if (src->nbytes)
		return insn_decode(out, src->bytes, src->nbytes, dsize);
	uint64_t off = eip - src->page_eip;
	if (off >= 4096)
		return INSN_ETRUNC;
	return insn_decode(out, src->page + off, 4096 - off, dsize);
}

static bool within_span(const struct plan *p, uint64_t eip, unsigned len, unsigned span)
{
	uint64_t lo = eip < p->lo ? eip : p->lo;
	uint64_t hi = eip + len > p->hi ? eip + len : p->hi;
	return hi - lo <= span;
}

static void set_properties(struct rinsn *r)
{
	const struct insn_info *info = &insn_info[r->i.op];

	r->attr = info->attr;
	r->flags_read = info->flags_read;
	r->flags_written = info->flags_written | info->flags_undefined;
	if (info->attr & INSN_VARIES) {
		r->flags_read = insn_varying_flags_read(&r->i);
		r->flags_written = insn_varying_flags_written(&r->i);
	}
}

/* The instruction decoded behind the last becomes number k. */
static struct rinsn *insert(struct plan *p, unsigned k, uint64_t eip)
{
	struct rinsn *r = &p->insn[p->n];

	if (k < p->n) {
		struct insn i = r->i;
		r = &p->insn[k];
		memmove(r + 1, r, (p->n - k) * sizeof *r);
		r->i = i;
	}
	r->eip = eip;
	set_properties(r);
	r->flags_in = 0;
	r->exit_known[0] = r->exit_known[1] = false;
	r->zero_in = UINT16_MAX;
	r->narrow_in = 0;
	r->leader = r->loop_head = false;
	r->first_from = UINT8_MAX;
	r->cc_in = -2;
	r->host = r->body = NULL;
	memset(&r->x87_in, 0, sizeof r->x87_in);
	p->n++;
	return r;
}

/* Whether the region goes on where r, a jump, branches to. */
static bool follows(const struct rinsn *r, const struct source *src, uint64_t first, uint64_t *target)
{
	if (!plan_branch_target(r, src->eip_mask, target) || src->unwatched || src->nbytes || *target - src->page_eip >= 4096 || *target < first)
		return false;
	return *target >= r->eip || !src->begins || !src->begins(src, *target);
}

/* Collects from `eip` what lies at `first` or behind. */
static int collect(struct plan *p, const struct source *src, uint64_t eip, uint64_t first, int dsize, unsigned max)
{
	uint64_t work[REGION_MAX_INSNS];
	unsigned nwork = 0, span = max * REGION_SPAN;
	bool cut = false;

	p->n = 0;
	p->lo = p->hi = eip;
	work[nwork++] = eip;
	while (nwork > 0) {
		uint64_t at = work[--nwork], lo = at < p->lo ? at : p->lo;
		for (int k = place(p, at); k >= 0; k = place_behind(p, (unsigned)k, at)) {
			if (p->n == max) {
				cut = true;
				break;
			}
			int len = decode_at(src, at, dsize, &p->insn[p->n].i);
			if (len < 0) {
				if (p->n == 0)
					return len;
				break;
			}
			bool clash = (unsigned)k < p->n && p->insn[k].eip < at + (unsigned)len;
			bool beyond = at + (unsigned)len - 1 > src->eip_last;
			uint64_t hi = at + (unsigned)len > p->hi ? at + (unsigned)len : p->hi;
			bool far = hi - lo > span;
			if (p->n && (clash || beyond || far)) {
				cut |= far;
				break;
			}
			p->lo = lo;
			p->hi = hi;
			const struct rinsn *r = insert(p, (unsigned)k, at);
			uint64_t target;
			if (r->attr & (INSN_COND | INSN_END)) {
				if (r->i.op != OP_CALL && nwork < REGION_MAX_INSNS && follows(r, src, first, &target))
					work[nwork++] = target;
				if (r->attr & INSN_END)
					break;
			}
			if (src->unwatched && insn_may_store(&r->i))
				break;
			at += (unsigned)len;
		}
	}
	p->cut = cut;
	return 0;
}

int plan_collect(struct plan *p, const struct source *src, uint64_t eip, int dsize, unsigned max)
{
	p->max = max;
	p->alone = max == 1 || src->unwatched;
	p->eip_mask = dsize == MODE64 ? UINT64_MAX : 0xffffffff;
	int r = collect(p, src, eip, 0, dsize, max);
	if (r == 0 && p->cut && p->lo < eip)
		r = collect(p, src, eip, eip, dsize, max);
	p->entry = (unsigned)plan_find(p, eip);
	return r;
}

static int successor(const struct plan *p, const struct rinsn *r)
{
	uint64_t target;

	if (r->i.op == OP_CALL || !plan_branch_target(r, p->eip_mask, &target))
		return -1;
	return plan_find(p, target);
}

static void mark_flow(struct plan *p)
{
	p->insn[p->entry].leader = true;
	p->loops = false;
	for (struct rinsn *r = p->insn, *end = r + p->n; r < end; r++) {
		r->falls = !(r->attr & INSN_END) && r + 1 < end && r[1].eip == r->eip + r->i.len;
		if (!r->falls && r + 1 < end)
			r[1].leader = true;
		int s = r->attr & (INSN_COND | INSN_END) ? successor(p, r) : -1;
		r->target = (int16_t)s;
		if (s >= 0) {
			p->insn[s].leader = true;
			if (&p->insn[s] <= r)
				p->loops = p->insn[s].loop_head = true;
		}
	}
}

#define LOOK_AHEAD 6

/*
 * Arithmetic flags that the code at eip may read before it overwrites them, as far as a few instructions tell. Those instructions become part
 * of what the region covers, so that it dies when they change.
 */
static uint16_t live_at(struct plan *p, const struct source *src, uint64_t eip, int dsize)
{
	uint16_t open = FL_ARITH, live = 0;

	for (int n = 0; n < LOOK_AHEAD && open && !src->nbytes && !p->alone; n++) {
		struct insn i;
		if (eip - src->page_eip >= 4096 || decode_at(src, eip, dsize, &i) < 0 || !within_span(p, eip, i.len, p->max * REGION_SPAN))
			break;
		if (eip < p->lo)
			p->lo = eip;
		if (eip + i.len > p->hi)
			p->hi = eip + i.len;
		live |= open & insn_flags_read(&i);
		open &= ~insn_flags_written(&i);
		if (insn_info[i.op].attr & (INSN_END | INSN_COND))
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

	if (r->attr & INSN_END) {
		if ((r->i.op != OP_JMP && r->i.op != OP_CALL) || !plan_branch_target(r, src->eip_mask, &target))
			return FL_ARITH;
		return s >= 0 ? p->insn[s].flags_in : live_at_exit(p, r, src, target, dsize, 0);
	}
	live = r->falls ? r[1].flags_in : live_at_exit(p, r, src, r->eip + r->i.len, dsize, 1);
	if (r->attr & INSN_COND && plan_branch_target(r, src->eip_mask, &target))
		live |= s >= 0 ? p->insn[s].flags_in : live_at_exit(p, r, src, target, dsize, 0);
	return live;
}

/* One round from the last instruction to the first; returns whether something changed. */
static bool spread_flags(struct plan *p, const struct source *src, int dsize)
{
	bool changed = false;

	for (struct rinsn *r = &p->insn[p->n]; r-- > p->insn;) {
		r->flags_live = live_after(p, r, src, dsize);
		uint16_t in = ((r->flags_live & ~r->flags_written) | r->flags_read) & FL_ARITH;
		changed |= in != r->flags_in;
		r->flags_in = in;
	}
	return changed;
}

void plan_analyse(struct plan *p, const struct source *src, int dsize)
{
	mark_flow(p);
	/* without a branch backwards the first round knows all */
	while (spread_flags(p, src, dsize) && p->loops)
		;
	if (dsize == MODE64)
		upper_analyse(p);
}
