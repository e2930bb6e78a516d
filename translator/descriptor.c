#include "translator/descriptor.h"

#include "translator/mmu.h"
#include "translator/seg.h"

/* The linear address of the `size` bytes that sel names in its table; false when they are not all in it. */
static bool find(const struct cpu *cpu, uint16_t sel, unsigned size, uint64_t *lin)
{
	const struct seg *ldt = &cpu->seg[SEG_LDTR];
	uint64_t base = cpu->gdtr.base;
	uint32_t limit = cpu->gdtr.limit, first = sel & 0xfff8;

	if (sel_is_local(sel)) {
		if (!(ldt->attr & SEG_ATTR_P))
			return false;
		base = ldt->base;
		limit = ldt->limit;
	}
	*lin = base + first;
	return first + size - 1 <= limit;
}

bool desc_read(struct cpu *cpu, uint16_t sel, struct desc *d)
{
	if (!find(cpu, sel, 8, &d->lin))
		return false;
	if (!(cpu->mode & MODE_LMA))
		d->lin = sx32(d->lin);
	uint64_t raw = mem_read64(cpu, d->lin, ACC_IMPLICIT);
	d->lo = (uint32_t)raw;
	d->hi = raw >> 32;
	return true;
}

bool desc_read_high(struct cpu *cpu, uint16_t sel, const struct desc *d, uint64_t *high)
{
	uint64_t lin;

	*high = 0;
	if (!(cpu->efer & EFER_LMA))
		return true;
	if (!find(cpu, sel, 16, &lin))
		return false;
	uint64_t raw = mem_read64(cpu, d->lin + 8, ACC_IMPLICIT);
	*high = raw << 32;
	return !(raw >> 40 & 0x1f);
}

void desc_fetch(struct cpu *cpu, uint16_t sel, struct desc *d, int vector, unsigned ext)
{
	if (!desc_read(cpu, sel, d))
		sel_fault(cpu, vector, sel, ext);
}

void desc_mark_accessed(struct cpu *cpu, struct desc *d)
{
	if (d->hi & (SEG_ATTR_A << 8))
		return;
	d->hi |= SEG_ATTR_A << 8;
	mem_write8(cpu, d->lin + 5, d->hi >> 8, ACC_IMPLICIT);
}

void desc_set_busy(struct cpu *cpu, uint64_t lin, bool busy)
{
	uint8_t access = mem_read8(cpu, lin + 5, ACC_IMPLICIT);
	uint8_t want = busy ? access | SYS_TSS_BUSY_BIT : access & ~SYS_TSS_BUSY_BIT;
	mem_write8(cpu, lin + 5, want, ACC_IMPLICIT);
}

bool desc_data_privilege_ok(const struct cpu *cpu, const struct desc *d, uint16_t sel)
{
	return desc_is_conforming(d) || (cpu->cpl <= desc_dpl(d) && sel_rpl(sel) <= desc_dpl(d));
}

void seg_from_desc(struct seg *s, uint16_t sel, const struct desc *d)
{
	s->sel = sel;
	s->attr = desc_attr(d);
	s->base = sx32(desc_base(d));
	s->limit = desc_limit(d);
	seg_update(s);
}

void seg_set_null(struct seg *s, uint16_t sel)
{
	s->sel = sel;
	s->attr = 0;
	s->base = 0;
	seg_update(s);
}

void seg_set_flat(struct seg *s, uint16_t sel, uint16_t attr)
{
	s->sel = sel;
	s->attr = attr | SEG_ATTR_G | SEG_ATTR_DB;
	s->base = 0;
	s->limit = 0xffffffff;
	seg_update(s);
}

void seg_set_long(struct seg *s, uint16_t sel, uint16_t attr)
{
	seg_set_flat(s, sel, attr);
	s->attr = (s->attr & ~SEG_ATTR_DB) | SEG_ATTR_L;
}

void seg_set_v86(struct seg *s, uint16_t sel)
{
	s->sel = sel;
	s->attr = SEG_ATTR_P | SEG_ATTR_DPL | SEG_ATTR_S | SEG_ATTR_W | SEG_ATTR_A;
	s->base = (uint64_t)sel << 4;
	s->limit = 0xffff;
	seg_update(s);
}

void seg_update(struct seg *s)
{
	const uint16_t usable = SEG_ATTR_P | SEG_ATTR_S;
	bool code = s->attr & SEG_ATTR_CODE;
	bool readable = code ? s->attr & SEG_ATTR_W : !(s->attr & SEG_ATTR_E);
	bool writable = !code && (s->attr & SEG_ATTR_W) && !(s->attr & SEG_ATTR_E);
	uint64_t end = (s->attr & usable) == usable ? (uint64_t)s->limit + 1 : 0;

	s->rd_end = readable ? end : 0;
	s->wr_end = writable ? end : 0;
}

/* In real mode the type of a segment loaded in protected mode before does not count, only its limit. */
static bool type_allows(const struct cpu *cpu, const struct seg *s, int write)
{
	if (!(cpu->cr0 & CR0_PE))
		return true;
	if ((s->attr & (SEG_ATTR_P | SEG_ATTR_S)) != (SEG_ATTR_P | SEG_ATTR_S))
		return false;
	if (s->attr & SEG_ATTR_CODE)
		return !write && (s->attr & SEG_ATTR_W);
	return !write || (s->attr & SEG_ATTR_W);
}

bool seg_allows(const struct cpu *cpu, const struct seg *s, uint64_t off, unsigned size, int write)
{
	uint64_t last = off + size - 1;

	if (last < (write ? s->wr_end : s->rd_end))
		return true;
	if (!type_allows(cpu, s, write))
		return false;
	if ((s->attr & (SEG_ATTR_CODE | SEG_ATTR_E)) == SEG_ATTR_E)
		return off > s->limit && last <= (s->attr & SEG_ATTR_DB ? 0xffffffffu : 0xffffu);
	/* An access that wraps around a 4 GiB segment goes through, as in translated code of flat segments. */
	return last <= s->limit || s->limit == 0xffffffff;
}
