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
	unsigned lo = 0, hi = p->n;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;
		if (p->insn[mid].eip < eip)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < p->n && p->insn[lo].eip == eip ? (int)lo : -1;
}

/* Where an instruction at eip would be inserted; -1 when it is there already, or eip lies within another. */
static int place(const struct plan *p, uint64_t eip)
{
	unsigned k = p->n;

	while (k > 0 && p->insn[k - 1].eip >= eip)
		k--;
	if (k < p->n && p->insn[k].eip == eip)
		return -1;
	if (k > 0 && p->insn[k - 1].eip + p->insn[k - 1].i.len > eip)
		return -1;
	return (int)k;
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

static bool within_span(const struct plan *p, uint64_t eip, unsigned len)
{
	uint64_t lo = eip < p->lo ? eip : p->lo;
	uint64_t hi = eip + len > p->hi ? eip + len : p->hi;
	return hi - lo <= REGION_MAX_SPAN;
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
	r->flags_read = insn_flags_read(&r->i);
	r->flags_written = insn_flags_written(&r->i);
	r->flags_in = 0;
	r->exit_known[0] = r->exit_known[1] = false;
	r->zero_in = r->narrow_in = 0;
	r->leader = r->loop_head = false;
	r->cc_in = -2;
	r->host = r->body = NULL;
	memset(&r->x87_in, 0, sizeof r->x87_in);
	p->n++;
	if (eip < p->lo)
		p->lo = eip;
	if (eip + r->i.len > p->hi)
		p->hi = eip + r->i.len;
	return r;
}

int plan_collect(struct plan *p, const struct source *src, uint64_t eip, int dsize, unsigned max)
{
	uint64_t work[REGION_MAX_INSNS];
	unsigned nwork = 0;

	p->n = 0;
	p->lo = p->hi = eip;
	p->alone = max == 1 || src->unwatched;
	p->eip_mask = dsize == MODE64 ? UINT64_MAX : 0xffffffff;
	work[nwork++] = eip;
	while (nwork > 0) {
		uint64_t at = work[--nwork];
		while (p->n < max) {
			int k = place(p, at);
			if (k < 0)
				break;
			int len = decode_at(src, at, dsize, &p->insn[p->n].i);
			if (len < 0) {
				if (p->n == 0)
					return len;
				break;
			}
			bool clash = (unsigned)k < p->n && p->insn[k].eip < at + (unsigned)len;
			bool beyond = at + (unsigned)len - 1 > src->eip_last;
			if (p->n && (clash || beyond || !within_span(p, at, (unsigned)len)))
				break;
			const struct rinsn *r = insert(p, (unsigned)k, at);
			unsigned attr = insn_info[r->i.op].attr;
			uint64_t target;
			bool branch = (r->i.op == OP_JMP || attr & INSN_COND) && plan_branch_target(r, src->eip_mask, &target);
			if (branch && !src->unwatched && nwork < REGION_MAX_INSNS && !src->nbytes && target - src->page_eip < 4096)
				work[nwork++] = target;
			if (attr & INSN_END || r->i.op == OP_UD || (src->unwatched && insn_may_store(&r->i)))
				break;
			at += (unsigned)len;
		}
	}
	p->entry = (unsigned)plan_find(p, eip);
	return 0;
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
	for (unsigned k = 0; k < p->n; k++) {
		struct rinsn *r = &p->insn[k];
		bool ends = insn_info[r->i.op].attr & INSN_END || r->i.op == OP_UD;
		r->falls = !ends && k + 1 < p->n && p->insn[k + 1].eip == r->eip + r->i.len;
		int s = successor(p, r);
		r->target = (int16_t)s;
		if (s >= 0) {
			p->insn[s].leader = true;
			if ((unsigned)s <= k)
				p->loops = p->insn[s].loop_head = true;
		}
	}
	for (unsigned k = 1; k < p->n; k++)
		if (!p->insn[k - 1].falls)
			p->insn[k].leader = true;
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
		if (eip - src->page_eip >= 4096 || decode_at(src, eip, dsize, &i) < 0 || !within_span(p, eip, i.len))
			break;
		if (eip < p->lo)
			p->lo = eip;
		if (eip + i.len > p->hi)
			p->hi = eip + i.len;
		live |= open & insn_flags_read(&i);
		open &= ~insn_flags_written(&i);
		if (insn_info[i.op].attr & (INSN_END | INSN_COND) || i.op == OP_UD)
			break;
		eip += i.len;
	}
	return live | open;
}

/* What lives after a direct exit of instruction k to eip; computed once. */
static uint16_t live_at_exit(struct plan *p, unsigned k, const struct source *src, uint64_t eip, int dsize, int which)
{
	struct rinsn *r = &p->insn[k];

	if (!r->exit_known[which]) {
		r->exit_known[which] = true;
		r->exit_live[which] = live_at(p, src, eip & src->eip_mask, dsize);
	}
	return r->exit_live[which];
}

static uint16_t live_after(struct plan *p, unsigned k, const struct source *src, int dsize)
{
	const struct rinsn *r = &p->insn[k];
	const struct insn_info *info = &insn_info[r->i.op];
	int s = r->target;
	uint16_t live;
	uint64_t target;

	if (info->attr & INSN_END || r->i.op == OP_UD) {
		if ((r->i.op != OP_JMP && r->i.op != OP_CALL) || !plan_branch_target(r, src->eip_mask, &target))
			return FL_ARITH;
		return s >= 0 ? p->insn[s].flags_in : live_at_exit(p, k, src, target, dsize, 0);
	}
	live = r->falls ? p->insn[k + 1].flags_in : live_at_exit(p, k, src, r->eip + r->i.len, dsize, 1);
	if (info->attr & INSN_COND && plan_branch_target(r, src->eip_mask, &target))
		live |= s >= 0 ? p->insn[s].flags_in : live_at_exit(p, k, src, target, dsize, 0);
	return live;
}

/* One round from the last instruction to the first; returns whether something changed. */
static bool spread_flags(struct plan *p, const struct source *src, int dsize)
{
	bool changed = false;

	for (unsigned k = p->n; k-- > 0;) {
		struct rinsn *r = &p->insn[k];
		r->flags_live = live_after(p, k, src, dsize);
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
