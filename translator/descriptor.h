/*
 * Segment descriptors as they lie in the GDT and the LDT (Intel SDM 3A, 3.4.5 and 3.5).
 */
#ifndef TRANSLATOR_DESCRIPTOR_H
#define TRANSLATOR_DESCRIPTOR_H

#include "translator/cpu.h"

struct desc {
	uint32_t lo, hi;
	uint64_t lin; /* where it was read from */
};

/* Types of system descriptors */
enum {
	SYS_TSS16 = 1, SYS_LDT = 2, SYS_TSS16_BUSY = 3, SYS_CALL16 = 4, SYS_TASK = 5, SYS_INT16 = 6, SYS_TRAP16 = 7,
	SYS_TSS32 = 9, SYS_TSS32_BUSY = 11, SYS_CALL32 = 12, SYS_INT32 = 14, SYS_TRAP32 = 15,
};
#define SYS_TSS_BUSY_BIT 2
#define SYS_32BIT_BIT 8 /* distinguishes the 32-bit from the 16-bit variant of TSS and gates */

static inline bool sel_is_null(uint16_t sel) { return (sel & 0xfffc) == 0; }
static inline bool sel_is_local(uint16_t sel) { return sel & 4; }
static inline unsigned sel_rpl(uint16_t sel) { return sel & 3; }

static inline uint16_t desc_attr(const struct desc *d) { return (d->hi >> 8) & 0xf0ff; }
static inline unsigned desc_type(const struct desc *d) { return (d->hi >> 8) & 15; }
static inline unsigned desc_dpl(const struct desc *d) { return (d->hi >> 13) & 3; }
static inline bool desc_present(const struct desc *d) { return d->hi & 0x8000; }
static inline bool desc_is_segment(const struct desc *d) { return d->hi & 0x1000; }
/* A code segment of 64-bit code, which exists in long mode only. */
static inline bool desc_is_long(const struct cpu *cpu, const struct desc *d) { return (cpu->efer & EFER_LMA) && (d->hi & 0x200000); }
static inline bool desc_is_code(const struct desc *d) { return (d->hi & 0x1800) == 0x1800; }
/* In long mode L and D exclude each other: nobody may transfer control to such a segment. */
static inline bool desc_is_contradictory(const struct cpu *cpu, const struct desc *d) { return desc_is_long(cpu, d) && (d->hi & 0x400000); }
static inline bool desc_is_conforming(const struct desc *d) { return (d->hi & 0x1c00) == 0x1c00; }
static inline bool desc_is_writable(const struct desc *d) { return (d->hi & 0x1a00) == 0x1200; }
static inline bool desc_is_readable(const struct desc *d) { return (d->hi & 0x1000) && (d->hi & 0x0a00) != 0x0800; }
static inline uint32_t desc_base(const struct desc *d)
{
	return (d->lo >> 16) | (d->hi & 0xff) << 16 | (d->hi & 0xff000000);
}
static inline uint32_t desc_limit(const struct desc *d)
{
	uint32_t limit = (d->lo & 0xffff) | (d->hi & 0xf0000);
	return d->hi & 0x800000 ? limit << 12 | 0xfff : limit;
}
/* Gates */
static inline uint16_t gate_sel(const struct desc *d) { return d->lo >> 16; }
static inline bool gate_is_32(const struct desc *d) { return desc_type(d) & SYS_32BIT_BIT; }
static inline uint32_t gate_offset(const struct desc *d)
{
	return (d->lo & 0xffff) | (gate_is_32(d) ? d->hi & 0xffff0000 : 0);
}

/* Raises `vector` with the selector as error code; ext: 1 when an event external to the program is being delivered, else 0. */
static inline _Noreturn void sel_fault(struct cpu *cpu, int vector, uint16_t sel, unsigned ext)
{
	cpu_raise_err(cpu, vector, (sel & 0xfffcu) | ext);
}

/* Linear address of offset `off` of a segment, in the form in which 32-bit addresses are kept: sign-extended, in compatibility mode
 * zero-extended. In 64-bit code only FS and GS have a base. No checks. */
static inline uint64_t seg_linear(const struct cpu *cpu, const struct seg *s, uint64_t off)
{
	if (cpu->mode & MODE_LONG)
		return s == &cpu->seg[SEG_FS] || s == &cpu->seg[SEG_GS] ? s->base + off : off;
	return cpu->mode & MODE_LMA ? (uint32_t)(s->base + off) : sx32(s->base + off);
}

/* Reads the descriptor that sel (not null) names. False when it lies outside its table or there is no LDT. May raise #PF. */
bool desc_read(struct cpu *cpu, uint16_t sel, struct desc *d);
/* Bits 32-63 of the base or offset of the system descriptor *d that sel names, in their place: in long mode it has 16 bytes. False when the second
 * eight lie outside the table or have a type. May raise #PF. */
bool desc_read_high(struct cpu *cpu, uint16_t sel, const struct desc *d, uint64_t *high);
/* As desc_read(), but a selector outside its table raises `vector` for it. */
void desc_fetch(struct cpu *cpu, uint16_t sel, struct desc *d, int vector, unsigned ext);
/* Sets the accessed bit of a code or data descriptor, in memory and in *d. May raise #PF. */
void desc_mark_accessed(struct cpu *cpu, struct desc *d);
/* Sets or clears the busy bit of a TSS descriptor in memory. May raise #PF. */
void desc_set_busy(struct cpu *cpu, uint64_t lin, bool busy);
/* Whether the pair (CPL, RPL) may use data of descriptor d: not required of conforming code. */
bool desc_data_privilege_ok(const struct cpu *cpu, const struct desc *d, uint16_t sel);
/* Fills a segment register with selector and descriptor. */
void seg_from_desc(struct seg *s, uint16_t sel, const struct desc *d);
/* Makes a segment register unusable. Its limit stays, for a later return to real mode. */
void seg_set_null(struct seg *s, uint16_t sel);
/* The flat segment that SYSENTER and SYSEXIT load. attr: type, S, DPL and P bits. */
void seg_set_flat(struct seg *s, uint16_t sel, uint16_t attr);
/* As seg_set_flat() for a 64-bit code segment. */
void seg_set_long(struct seg *s, uint16_t sel, uint16_t attr);
/* The fixed segment of virtual-8086 mode. */
void seg_set_v86(struct seg *s, uint16_t sel);
/* Whether `size` bytes at `off` may be read (write = 0) or written (1): type and limit; false for an unusable segment. */
bool seg_allows(const struct cpu *cpu, const struct seg *s, uint64_t off, unsigned size, int write);

#endif
