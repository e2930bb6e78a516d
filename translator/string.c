/*
 * REP MOVS STOS LODS CMPS SCAS, INS and OUTS (Intel SDM 2B, "REP/REPE/REPZ/REPNE/REPNZ").
 *
 * What lies within one page, one segment and one turn of the index registers is done in one go on host memory; anything else, an element at
 * a time. Registers are updated after each such step, before the next one can fault.
 */
#include "translator/string.h"

#include "translator/board.h"
#include "translator/debug.h"
#include "translator/descriptor.h"
#include "translator/elements.h"
#include "translator/mmu.h"
#include "translator/seg.h"

/* Work done before interrupts are looked at, in units of about 8 bytes of plain memory. */
#define WORK_LIMIT 16384
#define WORK_PASSED 4   /* 8 bytes that a search passes over */
#define WORK_SINGLY 16  /* an element within a row, compared or moved for its own */
#define WORK_ELEMENT 32 /* an element by itself */
#define WORK_DEVICE 4   /* an element within a row from or to a device's memory */
#define WORK_PORT 128   /* an element from or to a port */

struct string {
	struct cpu *cpu;
	int op, size, addrsize, seg, rep;
	uint64_t mask;    /* of offsets and the counter */
	bool down;        /* EFLAGS.DF */
	bool careful;     /* one element at a time */
	bool brief;       /* STRING_BRIEF */
	unsigned work;
	/* CMPS and SCAS: the last pair compared, and whether it ends the repetition */
	bool compared, ended;
	uint64_t a, b;
};

/* ---- registers ---- */

static uint64_t offset(const struct string *s, int reg)
{
	return s->cpu->gpr[reg] & s->mask;
}

static uint64_t count(const struct string *s)
{
	return s->rep == REP_NONE ? 1 : offset(s, RCX);
}

static void advance(const struct string *s, int reg, unsigned n)
{
	uint64_t bytes = (uint64_t)n * (uint64_t)s->size;

	cpu_set_gpr(s->cpu, reg, s->addrsize, s->down ? s->cpu->gpr[reg] - bytes : s->cpu->gpr[reg] + bytes);
}

/* ---- guest memory ---- */

/* The source is seg:(E)SI, the destination ES:(E)DI. */
static int segment_of(const struct string *s, int reg)
{
	return reg == RSI ? s->seg : SEG_ES;
}

/* The linear address before any check. */
static uint64_t linear_offset(const struct string *s, int reg)
{
	return seg_linear(s->cpu, &s->cpu->seg[segment_of(s, reg)], offset(s, reg));
}

/* How many of n elements can be had at once: 0 when the next one itself crosses a page, or the segment needs a closer look. */
static unsigned run(const struct string *s, int reg, bool write, unsigned n)
{
	const struct seg *seg = &s->cpu->seg[segment_of(s, reg)];
	uint64_t off = offset(s, reg), end = write ? seg->wr_end : seg->rd_end, size = (uint64_t)s->size, fit;
	uint64_t in_page = linear_offset(s, reg) & 0xfff, last = s->mask;
	bool limited = !(s->cpu->mode & MODE_LONG);

	if (s->careful || (limited && off + size > end) || in_page + size > 4096)
		return 0;
	if (limited && end - 1 < last)
		last = end - 1;
	if (s->down) {
		fit = (in_page < off ? in_page : off) / size + 1;
	} else {
		fit = 4096 - in_page;
		fit = (fit - 1 < last - off ? fit : last - off + 1) / size;
	}
	return fit < n ? (unsigned)fit : n;
}

/* The lowest of n elements in host memory, or NULL when they are no plain memory. Faults as the first of them would. */
static uint8_t *span(const struct string *s, int reg, int acc, unsigned n)
{
	uint64_t first = linear_offset(s, reg);
	unsigned size = (unsigned)s->size, below = s->down && n ? (n - 1) * size : 0;

	if (below)
		mem_probe(s->cpu, first, size, acc);
	return n ? mem_span(s->cpu, first - below, n * size, acc) : NULL;
}

/* The lowest of n elements in a device's memory, where span() found none; NULL when there is no device, or they are not aligned. */
static volatile uint8_t *device(const struct string *s, int reg, int acc, unsigned n)
{
	uint64_t first = linear_offset(s, reg);
	uint64_t below = s->down && n ? (n - 1) * (uint64_t)s->size : 0;

	return n && !(first & ((uint64_t)s->size - 1)) ? mem_device(s->cpu, first - below, acc) : NULL;
}

static uint64_t linear(const struct string *s, int reg, int write)
{
	return seg_lin(s->cpu, segment_of(s, reg), offset(s, reg), (unsigned)s->size, write);
}

static uint64_t load(const struct string *s, int reg)
{
	uint64_t lin = linear(s, reg, 0);

	switch (s->size) {
	case 1: return mem_read8(s->cpu, lin, 0);
	case 2: return mem_read16(s->cpu, lin, 0);
	case 4: return mem_read32(s->cpu, lin, 0);
	default: return mem_read64(s->cpu, lin, 0);
	}
}

static void store(const struct string *s, int reg, uint64_t v)
{
	uint64_t lin = linear(s, reg, 1);

	switch (s->size) {
	case 1: mem_write8(s->cpu, lin, (uint8_t)v, 0); break;
	case 2: mem_write16(s->cpu, lin, (uint16_t)v, 0); break;
	case 4: mem_write32(s->cpu, lin, (uint32_t)v, 0); break;
	default: mem_write64(s->cpu, lin, v, 0); break;
	}
}

/* ---- the operations: each does at least one and at most n elements, and returns how many ---- */

/* Where the k-th element in the direction of the operation lies within n. */
static size_t at(const struct string *s, unsigned k, unsigned n)
{
	return (size_t)(s->down ? n - 1 - k : k) * (size_t)s->size;
}

static unsigned in_bulk(struct string *s, unsigned n)
{
	s->work += 8 + n * (unsigned)s->size / 8;
	return n;
}

static unsigned single(struct string *s, unsigned work)
{
	s->work += work;
	return 1;
}

/* Where one side or both are a device's memory. */
static bool copy_device(struct string *s, unsigned n, uint8_t *to, const uint8_t *from)
{
	const volatile uint8_t *src = from ? from : device(s, RSI, ACC_READ, n);
	volatile uint8_t *dst = to ? to : src ? device(s, RDI, ACC_WRITE, n) : NULL;

	if (!src || !dst)
		return false;
	for (unsigned k = 0; k < n; k++) {
		size_t here = at(s, k, n);
		uint64_t v = from ? element_get(from + here, s->size) : element_get_device(src + here, s->size);
		if (to)
			element_put(to + here, s->size, v);
		else
			element_put_device(dst + here, s->size, v);
	}
	s->work += n * WORK_DEVICE;
	return true;
}

static unsigned movs(struct string *s, unsigned n)
{
	unsigned some = run(s, RSI, false, run(s, RDI, true, n));
	uint8_t *from = span(s, RSI, ACC_READ, some), *to = span(s, RDI, ACC_WRITE, some);

	if (from && to) {
		if (!elements_copy(to, from, some, s->size, s->down))
			s->work += some * WORK_SINGLY;
		some = in_bulk(s, some);
	} else if (!copy_device(s, some, to, from)) {
		store(s, RDI, load(s, RSI));
		some = single(s, WORK_ELEMENT);
	}
	advance(s, RSI, some);
	advance(s, RDI, some);
	return some;
}

static bool fill_device(struct string *s, unsigned n)
{
	volatile uint8_t *to = device(s, RDI, ACC_WRITE, n);

	for (unsigned k = 0; to && k < n; k++)
		element_put_device(to + at(s, k, n), s->size, s->cpu->gpr[RAX]);
	s->work += n * WORK_DEVICE;
	return to;
}

static unsigned stos(struct string *s, unsigned n)
{
	unsigned some = run(s, RDI, true, n);
	uint8_t *to = span(s, RDI, ACC_WRITE, some);

	if (to) {
		elements_fill(to, s->cpu->gpr[RAX], some, s->size);
		some = in_bulk(s, some);
	} else if (!fill_device(s, some)) {
		store(s, RDI, s->cpu->gpr[RAX]);
		some = single(s, WORK_ELEMENT);
	}
	advance(s, RDI, some);
	return some;
}

static unsigned lods(struct string *s, unsigned n)
{
	unsigned some = run(s, RSI, false, n);
	const uint8_t *from = span(s, RSI, ACC_READ, some);
	uint64_t v;

	if (from) {
		v = element_get(from + at(s, some - 1, some), s->size);
		some = in_bulk(s, some);
	} else {
		v = load(s, RSI);
		some = single(s, WORK_ELEMENT);
	}
	cpu_set_gpr(s->cpu, RAX, s->size, v);
	advance(s, RSI, some);
	return some;
}

/* Notes a comparison of a with b; returns whether the repetition ends with it. */
static bool compare(struct string *s, uint64_t a, uint64_t b)
{
	s->compared = true;
	s->a = a;
	s->b = b;
	s->ended = s->rep != REP_NONE && (a == b) != (s->rep == REP_REP);
	return s->ended;
}

/* How many of n elements are to be compared at once, when that may have to be done for each. */
static unsigned at_once(unsigned n, bool passes)
{
	return passes || n < WORK_LIMIT / WORK_SINGLY ? n : WORK_LIMIT / WORK_SINGLY;
}

/* The work of `some` elements, `passed` of which were passed over. Returns `some`. */
static unsigned in_search(struct string *s, unsigned some, unsigned passed)
{
	s->work += 8 + passed * (unsigned)s->size * WORK_PASSED / 8 + (some - passed) * WORK_SINGLY;
	return some;
}

static unsigned cmps(struct string *s, unsigned n)
{
	bool passes = s->rep == REP_REP && !s->down;
	unsigned some = run(s, RSI, false, run(s, RDI, false, at_once(n, passes))), k, passed;
	const uint8_t *a = span(s, RSI, ACC_READ, some), *b = a ? span(s, RDI, ACC_READ, some) : NULL;

	if (b) {
		for (k = passed = passes ? elements_equal(a, b, some, s->size) : 0; k < some; k++)
			if (compare(s, element_get(a + at(s, k, some), s->size), element_get(b + at(s, k, some), s->size)))
				break;
		some = in_search(s, k < some ? k + 1 : some, passed);
	} else {
		uint64_t first = load(s, RSI);
		compare(s, first, load(s, RDI));
		some = single(s, WORK_ELEMENT);
	}
	advance(s, RSI, some);
	advance(s, RDI, some);
	return some;
}

static unsigned scas(struct string *s, unsigned n)
{
	uint64_t acc = cpu_get_gpr(s->cpu, RAX, s->size);
	bool passes = s->rep != REP_NONE && !s->down;
	unsigned some = run(s, RDI, false, at_once(n, passes)), k, passed;
	const uint8_t *b = span(s, RDI, ACC_READ, some);

	if (b) {
		k = passes ? elements_before(b, some, s->size, acc, s->rep != REP_REP) : 0;
		/* when none ends the repetition, the flags are those of the last */
		k -= k == some;
		for (passed = k; k < some; k++)
			if (compare(s, acc, element_get(b + at(s, k, some), s->size)))
				break;
		some = in_search(s, k < some ? k + 1 : some, passed);
	} else {
		compare(s, acc, load(s, RDI));
		some = single(s, WORK_ELEMENT);
	}
	advance(s, RDI, some);
	return some;
}

static uint32_t port_in(struct string *s)
{
	uint16_t port = (uint16_t)s->cpu->gpr[RDX];

	s->work += WORK_PORT;
	debug_check_io(s->cpu, port, (unsigned)s->size);
	return board_port_read(s->cpu, port, s->size);
}

/* The port is read only when the element is sure to find its place. */
static unsigned ins(struct string *s, unsigned n)
{
	unsigned some = run(s, RDI, true, n < WORK_LIMIT / WORK_PORT ? n : WORK_LIMIT / WORK_PORT), k = 0;
	uint8_t *to = span(s, RDI, ACC_WRITE, some);

	if (to) {
		do
			element_put(to + at(s, k, some), s->size, port_in(s));
		while (++k < some && !s->cpu->stop);
	} else {
		mem_probe_aligned(s->cpu, linear(s, RDI, 1), (unsigned)s->size, ACC_WRITE);
		store(s, RDI, port_in(s));
		k = 1;
	}
	advance(s, RDI, k);
	return k;
}

static unsigned outs(struct string *s, unsigned n)
{
	uint16_t port = (uint16_t)s->cpu->gpr[RDX];
	uint32_t v = (uint32_t)load(s, RSI);

	(void)n;
	debug_check_io(s->cpu, port, (unsigned)s->size);
	board_port_write(s->cpu, port, s->size, v);
	advance(s, RSI, 1);
	return single(s, WORK_PORT);
}

static unsigned some_elements(struct string *s, unsigned n)
{
	switch (s->op) {
	case OP_MOVS: return movs(s, n);
	case OP_STOS: return stos(s, n);
	case OP_LODS: return lods(s, n);
	case OP_CMPS: return cmps(s, n);
	case OP_SCAS: return scas(s, n);
	case OP_INS: return ins(s, n);
	default: return outs(s, n);
	}
}

/* ---- all of it ---- */

static struct string unpack(struct cpu *cpu, uint64_t packed)
{
	struct string s = {
		.cpu = cpu, .op = packed & 0xfff, .size = packed >> 12 & 15, .addrsize = packed >> 16 & 15,
		.seg = packed >> 20 & 15, .rep = packed >> 24 & 15, .brief = packed & STRING_BRIEF,
		.down = cpu->eflags & FL_DF, .careful = cpu->mode & MODE_AC,
	};

	s.mask = UINT64_MAX >> (64 - 8 * s.addrsize);
	return s;
}

/* Up to a page's worth at a time; the counter follows at once. Returns true when the instruction is complete. */
static bool iterate(struct string *s, unsigned max)
{
	uint64_t n = count(s);

	n = some_elements(s, n < max ? (unsigned)n : max);
	if (s->rep == REP_NONE)
		return true;
	cpu_set_gpr(s->cpu, RCX, s->addrsize, count(s) - n);
	return s->ended || !count(s);
}

static void set_flags(struct string *s)
{
	int shift = 64 - 8 * s->size;

	if (!s->compared)
		return;
	s->cpu->cc_op = CC_SUB + (uint32_t)__builtin_ctz((unsigned)s->size);
	s->cpu->cc_dst = (uint64_t)((int64_t)((s->a - s->b) << shift) >> shift);
	s->cpu->cc_src = (uint64_t)((int64_t)(s->b << shift) >> shift);
}

/* Permission to use the port is asked for once, even if the counter is 0: nothing that could take it away comes in between. */
static void check_port(const struct string *s)
{
	if (s->op == OP_INS || s->op == OP_OUTS)
		io_check(s->cpu, (uint16_t)s->cpu->gpr[RDX], s->size);
}

uint64_t string_exec(struct cpu *cpu, uint64_t packed)
{
	struct string s = unpack(cpu, packed);
	bool done = !count(&s);

	check_port(&s);
	while (!done && !cpu->stop && s.work < WORK_LIMIT) {
		done = iterate(&s, 4096);
		if (s.brief && !s.down)
			break;
	}
	set_flags(&s);
	return !done;
}

void string_step(struct cpu *cpu, uint64_t packed, uint64_t next)
{
	struct string s = unpack(cpu, packed);
	bool done = !count(&s);

	s.careful = true;
	check_port(&s);
	if (!done)
		done = iterate(&s, 1);
	set_flags(&s);
	if (done)
		cpu->eip = next;
}
