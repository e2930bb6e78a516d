#include "tests/conformance/reduce.h"

#include <stdio.h>
#include <string.h>

#include "tests/conformance/enumerate.h"
#include "translator/cpu.h"
#include "translator/insn.h"

#define MAX_INSNS 512
#define PAGE 4096u
#define MANY 40 /* instructions from which on no two that follow one another are left out alone */

struct piece {
	int at, length;
	int target;  /* of a direct branch: number of the instruction it goes to, else -1 */
	int rel;     /* bytes of its displacement */
	int counter; /* it sets or changes the counter of a loop */
	int rip_rel; /* offset of a RIP-relative displacement, else 0 */
};

struct pieces {
	struct piece p[MAX_INSNS + 1]; /* the last one is the end */
	int n;
};

static int rip_field(const uint8_t *code, const struct insn *i)
{
	/* ModRM with mod 0 and rm 5, then four bytes of displacement: the first place where they say what was decoded */
	for (int k = 1; k + 5 <= i->len; k++)
		if (code[k] == i->modrm && !memcmp(code + k + 1, &i->disp, 4))
			return k + 1;
	return 0;
}

/* Of a direct branch. */
static int rel_bytes(const struct insn *i)
{
	int is_short = (i->opcode & 0xf0) == 0x70 || i->opcode == 0xeb || (i->opcode & 0xfc) == 0xe0;

	return is_short ? 1 : i->opsize == 2 ? 2 : 4;
}

static void split(struct pieces *s, const uint8_t *code, int length, int size)
{
	struct insn i;
	int64_t targets[MAX_INSNS];

	s->n = 0;
	for (int at = 0; at < length && s->n < MAX_INSNS; at += i.len) {
		struct piece *p = &s->p[s->n];
		if (insn_decode(&i, code + at, 15, size) <= 0)
			return;
		*p = (struct piece){ .at = at, .length = i.len, .target = -1, .rel = rel_bytes(&i), .rip_rel = i.rip_rel ? rip_field(code + at, &i) : 0,
			.counter = (i.op == OP_MOV || i.op == OP_DEC) && i.opd[0].kind == OPD_GPR && i.opd[0].reg == RCX };
		targets[s->n++] = i.nopd && i.opd[0].kind == OPD_REL ? at + i.len + i.imm : -1;
	}
	s->p[s->n] = (struct piece){ .at = length, .target = -1 };
	for (int k = 0; k < s->n; k++)
		for (int t = 0; t <= s->n; t++)
			if (s->p[t].at == targets[k])
				s->p[k].target = t;
}

/* Copies the pieces not marked in `out`. Returns the length. */
static int join(uint8_t *to, const uint8_t *code, const struct pieces *s, const uint8_t *out, uint32_t old_origin, uint32_t origin)
{
	int place[MAX_INSNS + 1], n = 0;

	for (int k = 0; k <= s->n; k++) {
		place[k] = n;
		n += out[k] ? 0 : s->p[k].length;
	}
	for (int k = 0; k < s->n; k++) {
		const struct piece *p = &s->p[k];
		uint8_t *insn = to + place[k];
		int32_t disp;
		if (out[k])
			continue;
		memcpy(insn, code + p->at, (size_t)p->length);
		if (p->target >= 0) {
			int rel = place[p->target] - place[k] - p->length;
			memcpy(insn + p->length - p->rel, &rel, (size_t)p->rel);
		}
		if (!p->rip_rel)
			continue;
		memcpy(&disp, insn + p->rip_rel, 4);
		disp += (int32_t)(old_origin + (uint32_t)p->at) - (int32_t)(origin + (uint32_t)place[k]);
		memcpy(insn + p->rip_rel, &disp, 4);
	}
	return n;
}

struct reducer {
	struct book *out;
	const struct vector_group *g;
	const uint8_t *code;
	struct pieces s;
};

/* Whether without these instructions a loop goes round as often as a register happens to say. */
static int is_endless(const struct pieces *s, const uint8_t *out)
{
	int loops = 0, counters = 0;

	for (int k = 0; k < s->n; k++) {
		loops += !out[k] && s->p[k].target >= 0 && s->p[k].target <= k;
		counters += out[k] && s->p[k].counter;
	}
	return loops && counters;
}

/* Room for a candidate: at the same place in a page if the group goes on in the next one, else within a page. */
static uint32_t place(struct book *out, const struct vector_group *g)
{
	uint32_t offset = g->code % PAGE, used = out->used % PAGE, length = g->length + 2u;

	if (offset + length > PAGE)
		return book_place(out, (offset + PAGE - used) % PAGE, g->length);
	return book_place(out, used + length > PAGE ? PAGE - used : 0, g->length);
}

static void candidate(struct reducer *r, int from, int to)
{
	uint8_t out[MAX_INSNS + 1] = { 0 }, code[1024];
	struct vector_group g = *r->g;
	uint32_t at;
	int length;

	memset(out + from, 1, (size_t)(to - from));
	if (is_endless(&r->s, out))
		return;
	at = place(r->out, &g);
	length = join(code, r->code, &r->s, out, g.code, at);
	if (length && book_mask(r->out, book_add(r->out, &g, at, code, length)))
		r->out->ngroups--;
}

void reduce_candidates(struct book *out, const struct book *b, int number, unsigned states)
{
	static struct reducer r;
	struct vector_group *g = &b->groups[number];

	if (g->length > 1000)
		return;
	g->reserved = (uint16_t)number;
	g->states = (uint16_t)states;
	r = (struct reducer){ .out = out, .g = g, .code = b->image + g->code };
	split(&r.s, r.code, g->length, mode_size((enum vector_mode)g->mode));
	for (int size = r.s.n / 2; size > 1; size /= 2)
		for (int k = 0; k < r.s.n; k += size)
			candidate(&r, k, k + size < r.s.n ? k + size : r.s.n);
	for (int k = 0; k < r.s.n && r.s.n > 1; k++)
		candidate(&r, k, k + 1);
	for (int k = 0; k + 1 < r.s.n && r.s.n > 2 && r.s.n <= MANY; k++)
		candidate(&r, k, k + 2);
}

int reduce_print(const struct book *out)
{
	for (int k = 0; k < out->ngroups; k++) {
		printf("candidate %d of %d kept ", k, out->groups[k].reserved);
		for (int n = 0; n < out->groups[k].length; n++)
			printf("%02x", out->image[out->groups[k].code + (uint32_t)n]);
		printf("\n");
	}
	return 0;
}
