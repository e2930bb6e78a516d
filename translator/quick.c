#include "translator/quick.h"

#include "arch/loongarch/host.h"
#include "translator/cache_internal.h"
#include "translator/descriptor.h"
#include "translator/mmu_internal.h"
#include "translator/seg.h"
#include "translator/tr.h"

/* Bits of a descriptor's upper half: type with S, DPL and P; the D/B and L bits. */
#define TYPE_MASK 0xff00u
#define TYPE_BIT_R 0x0200u /* of code: readable, which does not matter here */
#define TYPE_CODE 0x9900u  /* present, not conforming, accessed */
#define TYPE_DATA 0x9300u  /* present, writable, expand-up, accessed */
#define DATA_MASK 0x9d00u  /* present data, expand-up, accessed: writable or not */
#define DATA 0x9100u
#define WIDTH_MASK 0x600000u
#define WIDTH_32 0x400000u
#define WIDTH_64 0x200000u
/* Base 0, limit ffffffff */
#define FLAT_MASK 0xff8f00ffffffffffull
#define FLAT 0x008f00000000ffffull
/* Gates: present, not a segment, type 14 or 15; bit 8 tells a trap gate. */
#define GATE_MASK 0x9e00u
#define GATE 0x8e00u
#define GATE_IS_TRAP 0x100u

#define GATE_CLEARS (FL_TF | FL_NT | FL_RF | FL_VM)
/* Flags that IRET in ring 0 loads, but for those that need more than that. */
#define IRET_LOADS (FL_IF | FL_DF | FL_IOPL | FL_NT | FL_AC | FL_VIF | FL_VIP | FL_ID)
#define IRET_SPECIAL (FL_TF | FL_VM)

#define SEG_END 0x100000000ull /* rd_end and wr_end of a segment of 4 GiB */

/* Memory of the supervisor at lin, when it is plain and within one page; else NULL. */
static inline void *bytes(struct cpu *cpu, uint64_t lin, unsigned size, int acc)
{
	const struct soft_page *p = softtlb_find(cpu->mmu, lin);

	if (!p || !(p->fast & RIGHT(acc, 0)) || (lin & PAGE_MASK) + size > PAGE_SIZE || !mmu_canonical(lin))
		return NULL;
	return (char *)host_ptr(p->host_pa) + (lin & PAGE_MASK);
}

/* The descriptor in the GDT, or 0, which is none that counts. */
static inline uint64_t descriptor(struct cpu *cpu, uint16_t sel)
{
	const uint64_t *d;

	if (sel_is_null(sel) || sel_is_local(sel) || (sel | 7u) > cpu->gdtr.limit)
		return 0;
	d = bytes(cpu, mmu_lin(cpu, cpu->gdtr.base + (sel & 0xfff8)), 8, ACC_READ);
	return d ? *d : 0;
}

static inline bool is_code(uint64_t d, unsigned dpl, uint32_t width)
{
	return ((uint32_t)(d >> 32) & ((TYPE_MASK & ~TYPE_BIT_R) | WIDTH_MASK)) == (TYPE_CODE | dpl << 13 | width);
}

static inline bool is_stack(uint64_t d, unsigned dpl)
{
	return ((uint32_t)(d >> 32) & TYPE_MASK) == (TYPE_DATA | dpl << 13);
}

static inline bool is_flat(uint64_t d)
{
	return (d & FLAT_MASK) == FLAT;
}

/* Code and expand-up data segments only. */
static inline void load(struct seg *s, uint16_t sel, uint64_t d)
{
	uint16_t attr = d >> 40 & 0xf0ff;

	if (!is_flat(d)) {
		seg_from_desc(s, sel, &(struct desc){ .lo = (uint32_t)d, .hi = d >> 32 });
		return;
	}
	s->sel = sel;
	s->attr = attr;
	s->limit = 0xffffffff;
	s->base = 0;
	s->rd_end = attr & SEG_ATTR_CODE && !(attr & SEG_ATTR_W) ? 0 : SEG_END;
	s->wr_end = (attr & (SEG_ATTR_CODE | SEG_ATTR_W)) == SEG_ATTR_W ? SEG_END : 0;
}

static inline void load_null(struct seg *s, uint16_t sel)
{
	s->sel = sel;
	s->attr = 0;
	s->base = s->rd_end = s->wr_end = 0;
}

/* What CPL and flags make of the mode while neither TF nor alignment checks come into it. */
static inline void set_cpl(struct cpu *cpu, unsigned cpl)
{
	uint32_t mode = (cpu->mode & ~(MODE_CPL | MODE_IOPL_OK | MODE_AC)) | cpl << MODE_CPL_SHIFT;

	cpu->cpl = cpl;
	cpu->mode = cpl <= (cpu->eflags & FL_IOPL) >> 12 ? mode | MODE_IOPL_OK : mode;
}

/* ---- events ---- */

static inline bool gate_serves(const struct cpu *cpu, uint32_t hi, const struct event *ev)
{
	return (hi & GATE_MASK) == GATE && !(ev->check_dpl && (hi >> 13 & 3) < cpu->cpl);
}

static inline __attribute__((always_inline)) void enter(struct cpu *cpu, uint32_t gate_hi, uint16_t sel, uint64_t code, uint64_t eip, uint64_t sp)
{
	cpu->eflags &= ~(gate_hi & GATE_IS_TRAP ? GATE_CLEARS : GATE_CLEARS | FL_IF);
	load(&cpu->seg[SEG_CS], sel & 0xfffc, code);
	cpu->gpr[RSP] = sp;
	cpu->eip = eip;
	set_cpl(cpu, 0);
}

/* Into 64-bit code from 64-bit code. */
static bool interrupt_long(struct cpu *cpu, const struct event *ev)
{
	const struct seg *tr = &cpu->seg[SEG_TR];
	const uint64_t *gate = bytes(cpu, cpu->idtr.base + ev->vector * 16u, 16, ACC_READ), *stack;
	bool inner = cpu->cpl != 0;
	uint64_t sp = cpu->gpr[RSP], *frame;

	if (!gate || ev->vector * 16u + 15 > cpu->idtr.limit)
		return false;
	uint32_t hi = gate[0] >> 32;
	uint64_t eip = (gate[0] & 0xffff) | (hi & 0xffff0000) | gate[1] << 32;
	uint16_t sel = gate[0] >> 16;
	uint64_t code = descriptor(cpu, sel);
	if (!gate_serves(cpu, hi, ev) || !is_code(code, 0, WIDTH_64) || !mmu_canonical(eip))
		return false;
	if (inner || (hi & 7)) {
		unsigned at = hi & 7 ? 28 + 8 * (hi & 7) : 4;
		stack = at + 7 > tr->limit ? NULL : bytes(cpu, tr->base + at, 8, ACC_READ);
		if (!stack)
			return false;
		__builtin_memcpy(&sp, stack, sizeof sp);
	}
	sp = (sp & ~15ull) - (ev->has_error ? 48 : 40);
	frame = bytes(cpu, sp, ev->has_error ? 48 : 40, ACC_WRITE);
	if (!frame)
		return false;
	if (ev->has_error)
		*frame++ = ev->error;
	frame[0] = ev->eip;
	frame[1] = cpu->seg[SEG_CS].sel;
	frame[2] = ev->eflags;
	frame[3] = cpu->gpr[RSP];
	frame[4] = cpu->seg[SEG_SS].sel;
	if (inner)
		load_null(&cpu->seg[SEG_SS], 0);
	enter(cpu, hi, sel, code, eip, sp);
	return true;
}

/* SS0 and ESP0 of a 32-bit TSS; returns the descriptor of the former, 0 when it is not flat. */
static inline uint64_t inner_stack(struct cpu *cpu, uint16_t *sel, uint32_t *esp)
{
	const struct seg *tr = &cpu->seg[SEG_TR];
	const uint32_t *field = bytes(cpu, mmu_lin(cpu, tr->base + 4), 8, ACC_READ);

	if (!field || tr->limit < 9 || !(tr->attr & SYS_32BIT_BIT))
		return 0;
	*esp = field[0];
	*sel = field[1];
	uint64_t d = sel_rpl(*sel) ? 0 : descriptor(cpu, *sel);
	return is_stack(d, 0) && is_flat(d) && d >> 32 & WIDTH_32 ? d : 0;
}

/* Between flat 32-bit segments. */
static bool interrupt_32(struct cpu *cpu, const struct event *ev)
{
	const uint64_t *gate = bytes(cpu, mmu_lin(cpu, cpu->idtr.base + ev->vector * 8u), 8, ACC_READ);
	bool inner = cpu->cpl != 0;
	uint32_t esp = cpu->gpr[RSP], *frame;
	uint16_t ss_sel;
	uint64_t ss = 0;

	if (!gate || ev->vector * 8u + 7 > cpu->idtr.limit)
		return false;
	uint32_t hi = *gate >> 32;
	uint16_t sel = *gate >> 16;
	uint64_t code = descriptor(cpu, sel);
	if (!gate_serves(cpu, hi, ev) || !is_code(code & ~((uint64_t)WIDTH_64 << 32), 0, WIDTH_32) || !is_flat(code))
		return false;
	if (inner && !(ss = inner_stack(cpu, &ss_sel, &esp)))
		return false;
	unsigned size = (3 + ev->has_error + 2 * inner) * 4;
	esp -= size;
	frame = bytes(cpu, esp, size, ACC_WRITE);
	if (!frame)
		return false;
	if (ev->has_error)
		*frame++ = ev->error;
	frame[0] = ev->eip;
	frame[1] = cpu->seg[SEG_CS].sel;
	frame[2] = ev->eflags;
	if (inner) {
		frame[3] = cpu->gpr[RSP];
		frame[4] = cpu->seg[SEG_SS].sel;
		load(&cpu->seg[SEG_SS], ss_sel, ss);
	}
	enter(cpu, hi, sel, code, (*gate & 0xffff) | (hi & 0xffff0000), sx32(esp));
	return true;
}

bool quick_interrupt(struct cpu *cpu, const struct event *ev)
{
	if (cpu->mode & (MODE_TF | MODE_DBG) || ev->vector == EXC_DB)
		return false;
	if (cpu->mode & MODE_LONG)
		return interrupt_long(cpu, ev);
	return mode_is_flat_32(cpu->mode) && interrupt_32(cpu, ev);
}

/* ---- IRET ---- */

/* Whether a return to ring 3 leaves the data segments as they are but for the RPL of null selectors. */
static inline bool segments_stay(struct cpu *cpu)
{
	static const uint8_t data_segments[] = { SEG_ES, SEG_DS, SEG_FS, SEG_GS };

	for (unsigned i = 0; i < sizeof(data_segments); i++) {
		struct seg *s = &cpu->seg[data_segments[i]];
		if (s->attr & SEG_ATTR_P && (s->attr & SEG_ATTR_DPL) != SEG_ATTR_DPL)
			return false;
	}
	for (unsigned i = 0; i < sizeof(data_segments); i++) {
		struct seg *s = &cpu->seg[data_segments[i]];
		if (!(s->attr & SEG_ATTR_P))
			s->sel = 0;
	}
	return true;
}

static inline bool flags_are_plain(const struct cpu *cpu, uint32_t flags, unsigned rpl)
{
	return !(flags & IRET_SPECIAL) && !(cpu->eflags & FL_NT) && (rpl == 0 || (rpl == 3 && !(flags & FL_AC)));
}

static inline void go_back(struct cpu *cpu, uint16_t sel, uint64_t code, uint64_t eip, uint64_t sp, uint32_t flags)
{
	cpu->nmi_masked = false;
	cpu->cc_op = CC_EFLAGS;
	cpu->cc_dst = flags & FL_ARITH;
	cpu->eflags = (flags & IRET_LOADS) | FL_1;
	cpu->step = flags & FL_DF ? -1 : 1;
	load(&cpu->seg[SEG_CS], sel, code);
	cpu->gpr[RSP] = sp;
	cpu->eip = eip;
	set_cpl(cpu, sel_rpl(sel));
}

static bool iret_long(struct cpu *cpu)
{
	const uint64_t *frame = bytes(cpu, cpu->gpr[RSP], 40, ACC_READ);

	if (!frame)
		return false;
	uint16_t sel = frame[1], ss_sel = frame[4];
	uint64_t eip = frame[0], sp = frame[3];
	unsigned rpl = sel_rpl(sel);
	uint32_t flags = frame[2];
	uint64_t code = descriptor(cpu, sel), ss = 0;
	if (!flags_are_plain(cpu, flags, rpl) || !is_code(code, rpl, WIDTH_64) || !mmu_canonical(eip))
		return false;
	if (rpl != 0 || !sel_is_null(ss_sel)) {
		ss = sel_rpl(ss_sel) == rpl ? descriptor(cpu, ss_sel) : 0;
		if (!is_stack(ss, rpl))
			return false;
	}
	if (rpl && !segments_stay(cpu))
		return false;
	if (ss)
		load(&cpu->seg[SEG_SS], ss_sel, ss);
	else
		load_null(&cpu->seg[SEG_SS], ss_sel);
	go_back(cpu, sel, code, eip, sp, flags);
	return true;
}

static bool iret_32(struct cpu *cpu)
{
	uint32_t esp = cpu->gpr[RSP];
	const uint32_t *frame = bytes(cpu, esp, 12, ACC_READ);

	if (!frame || (sel_rpl(frame[1]) && !bytes(cpu, esp, 20, ACC_READ)))
		return false;
	uint16_t sel = frame[1], ss_sel = 0;
	uint32_t eip = frame[0], flags = frame[2], sp = esp + 12;
	unsigned rpl = sel_rpl(sel);
	uint64_t code = descriptor(cpu, sel), ss = 0;
	if (!flags_are_plain(cpu, flags, rpl) || !is_code(code & ~((uint64_t)WIDTH_64 << 32), rpl, WIDTH_32) || !is_flat(code))
		return false;
	if (rpl) {
		sp = frame[3];
		ss_sel = frame[4];
		ss = sel_rpl(ss_sel) == rpl ? descriptor(cpu, ss_sel) : 0;
		if (!is_stack(ss, rpl) || !is_flat(ss) || !(ss >> 32 & WIDTH_32) || !segments_stay(cpu))
			return false;
		load(&cpu->seg[SEG_SS], ss_sel, ss);
	}
	go_back(cpu, sel, code, eip, sx32(sp), flags);
	return true;
}

bool quick_iret(struct cpu *cpu, int opsize)
{
	if (cpu->mode & (MODE_CPL | MODE_TF | MODE_DBG))
		return false;
	if (cpu->mode & MODE_LONG)
		return opsize == 8 && iret_long(cpu);
	return opsize == 4 && mode_is_flat_32(cpu->mode) && iret_32(cpu);
}

/* ---- segment registers ---- */

static inline bool may_load(const struct cpu *cpu, int s, uint16_t sel, uint64_t d)
{
	unsigned dpl = d >> 45 & 3, rpl = sel_rpl(sel);

	if (s == SEG_SS)
		return is_stack(d, cpu->cpl) && rpl == cpu->cpl;
	return ((uint32_t)(d >> 32) & DATA_MASK) == DATA && cpu->cpl <= dpl && rpl <= dpl;
}

bool quick_segment(struct cpu *cpu, int s, uint16_t sel)
{
	struct seg *seg = &cpu->seg[s];
	bool wide = cpu->mode & MODE_LONG;

	if (!(cpu->mode & MODE_PE))
		return false;
	if (sel_is_null(sel)) {
		if (s == SEG_SS || !(wide || !seg->attr))
			return false;
		load_null(seg, sel);
		return true;
	}
	uint64_t d = descriptor(cpu, sel);
	bool same = seg->attr == (d >> 40 & 0xf0ff) && !seg->base && seg->limit == 0xffffffff;
	if (!is_flat(d) || !may_load(cpu, s, sel, d) || !(wide || same))
		return false;
	if (same)
		seg->sel = sel;
	else
		load(seg, sel, d);
	return true;
}

/* ---- going on ---- */

uint64_t quick_continue(struct cpu *cpu)
{
	uint32_t mode = cpu->mode;

	if (cpu->pending | cpu->inhibit || mode & (MODE_TF | MODE_DBG) || (mode & MODE_TRUSTED) != MODE_TRUSTED)
		return 0;
	if (mode & MODE_LONG && !mmu_canonical(cpu->eip))
		return 0;
	cache_arm_probe(cpu);
	return 1 + cache_stub_set(mode);
}

uint64_t quick_next(struct cpu *cpu, uint64_t next)
{
	cpu->eip = next;
	return quick_continue(cpu);
}

/* What stub_fault does not do. */
static uint64_t helper_page_fault(struct cpu *cpu, uint64_t vector, uint64_t error, uint64_t eip)
{
	struct event ev = {
		.vector = (int)vector, .has_error = true, .error = (uint32_t)error, .ext = 1, .eflags = cpu_get_eflags(cpu) | FL_RF, .eip = eip,
	};

	cpu->eip = eip;
	if (!quick_interrupt(cpu, &ev))
		cpu_raise_pf(cpu, cpu->cr2, (uint32_t)error);
	return quick_continue(cpu);
}

void quick_page_fault(struct cpu *cpu, struct trap_frame *frame, uint32_t error)
{
	const struct stubs *s = &cpu->cache->stubs;
	unsigned set = cache_stub_set(cpu->mode);
	bool common = !(cpu->pending | (cpu->mode & (MODE_TF | MODE_DBG))) && (cpu->mode & MODE_LONG || mode_is_flat_32(cpu->mode));

	frame->r[T1] = EXC_PF;
	frame->r[T2] = error;
	frame->r[T3] = cpu->eip;
	frame->r[T7] = (uintptr_t)helper_page_fault;
	frame->era = (uintptr_t)(common ? s->fault : s->transfer)[set];
}
