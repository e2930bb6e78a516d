/*
 * Accesses to guest memory from C. The common case, plain memory within a page that the software TLB knows, is a plain host
 * access; everything else (page crossings, MMIO, device registers, ROM, code pages, unknown pages, breakpoints) takes the
 * long way.
 */
#include <string.h>

#include "arch/loongarch/mmio.h"
#include "translator/debug.h"
#include "translator/mmu_internal.h"

static bool as_user(const struct cpu *cpu, int flags)
{
	return cpu->cpl == 3 && !(flags & ACC_IMPLICIT);
}

/* The host address for a plain access of `size` bytes, or NULL. */
static inline void *plain(struct cpu *cpu, uint64_t at, unsigned size, int acc, int flags)
{
	uint64_t lin = mmu_lin(cpu, at);
	struct soft_page *p = softtlb_find(cpu->mmu, lin);

	if (!p || !mmu_canonical(lin) || !(p->fast & RIGHT(acc, as_user(cpu, flags))) || (lin & PAGE_MASK) + size > PAGE_SIZE)
		return NULL;
	if (cpu->mode & (MODE_DBG | MODE_AC))
		return NULL;
	return host_ptr(p->host_pa | (lin & PAGE_MASK));
}

/* The page of an address, by value: what device models do may change the software TLB. Raises #GP or #SS, too. */
static struct soft_page translate(struct cpu *cpu, uint64_t at, int acc, int flags)
{
	uint64_t lin = mmu_lin(cpu, at);
	struct soft_page *p;
	uint32_t error;

	if (!mmu_canonical(lin))
		mmu_raise_noncanonical(cpu, lin, flags);
	p = mmu_translate(cpu, lin, acc, as_user(cpu, flags), &error);
	if (!p)
		cpu_raise_pf(cpu, lin, error);
	return *p;
}

static uint64_t page_gpa(const struct soft_page *p, uint64_t lin)
{
	return (uint64_t)p->gpn << 12 | (lin & PAGE_MASK);
}

/* The widest access of 1, 2, 4 or 8 bytes at gpa that is no longer than len and, when it must be, naturally aligned. Never
 * across an 8-byte boundary. */
static unsigned chunk(uint64_t gpa, unsigned len, bool aligned)
{
	unsigned size = 8;

	while (size > len || (gpa & 7) + size > 8 || (aligned && (gpa & (size - 1))))
		size >>= 1;
	return size;
}

/* Loads bytes of one page. lin: only its offset in the page counts. */
static void page_load(struct cpu *cpu, const struct soft_page *p, uint64_t lin, uint8_t *buf, unsigned len)
{
	uint64_t gpa = page_gpa(p, lin), pa = p->host_pa | (lin & PAGE_MASK);

	if (p->kind <= PAGE_ROM) {
		memcpy(buf, host_ptr(pa), len);
		return;
	}
	for (unsigned i = 0, n; i < len; i += n) {
		uint64_t v;

		n = chunk(gpa + i, len - i, p->kind == PAGE_DEVICE);
		v = p->kind == PAGE_DEVICE ? mmio_read(host_device_ptr(pa + i), n) : board_mmio_read(cpu, gpa + i, n);
		memcpy(buf + i, &v, n);
	}
}

/* Stores bytes into one page; code in it has been dealt with. */
static void page_store(struct cpu *cpu, const struct soft_page *p, uint64_t lin, const uint8_t *buf, unsigned len)
{
	uint64_t gpa = page_gpa(p, lin), pa = p->host_pa | (lin & PAGE_MASK);

	if (p->kind == PAGE_RAM) {
		memcpy(host_ptr(pa), buf, len);
		return;
	}
	for (unsigned i = 0, n; i < len; i += n) {
		uint64_t v = 0;

		n = chunk(gpa + i, len - i, p->kind == PAGE_DEVICE);
		memcpy(&v, buf + i, n);
		if (p->kind == PAGE_DEVICE)
			mmio_write(host_device_ptr(pa + i), n, v);
		else
			board_mmio_write(cpu, gpa + i, n, v);
	}
}

static unsigned in_page(uint64_t lin, unsigned len)
{
	unsigned room = PAGE_SIZE - (lin & PAGE_MASK);

	return len < room ? len : room;
}

void mem_check(struct cpu *cpu, uint64_t lin, unsigned len, int acc, int flags)
{
	if (!mmu_canonical(mmu_lin(cpu, lin + len - 1)))
		mmu_raise_noncanonical(cpu, lin, flags);
	for (unsigned i = 0, n; i < len; i += n) {
		n = in_page(lin + i, len - i);
		translate(cpu, lin + i, acc, flags);
	}
}

void mem_load_bytes(struct cpu *cpu, uint64_t lin, void *buf, unsigned len, int flags)
{
	if ((lin & PAGE_MASK) + len > PAGE_SIZE)
		mem_check(cpu, lin, len, ACC_READ, flags);
	for (unsigned i = 0, n; i < len; i += n) {
		struct soft_page p = translate(cpu, lin + i, ACC_READ, flags);

		n = in_page(lin + i, len - i);
		page_load(cpu, &p, lin + i, (uint8_t *)buf + i, n);
	}
}

/* Code in the page is about to be overwritten. False when the storing instruction must be redone. */
static bool notify_code(struct cpu *cpu, const struct soft_page *p, uint64_t lin, unsigned len, uint64_t host_pc)
{
	uint64_t gpa = page_gpa(p, lin);

	if (p->kind != PAGE_RAM || !(phys_lookup(gpa) & PHYS_CODE))
		return true;
	if (code_page_written(cpu, gpa, len, host_pc))
		return false;
	softtlb_refresh(cpu->mmu, mmu_lin(cpu, lin), cpu->cpl != 3);
	return true;
}

bool mem_store_bytes(struct cpu *cpu, uint64_t lin, const void *buf, unsigned len, int flags, uint64_t host_pc)
{
	if ((lin & PAGE_MASK) + len > PAGE_SIZE)
		mem_check(cpu, lin, len, ACC_WRITE, flags);
	for (unsigned i = 0, n; i < len; i += n) {
		struct soft_page p = translate(cpu, lin + i, ACC_WRITE, flags);

		n = in_page(lin + i, len - i);
		if (!notify_code(cpu, &p, lin + i, n, host_pc))
			return false;
	}
	for (unsigned i = 0, n; i < len; i += n) {
		struct soft_page p = translate(cpu, lin + i, ACC_WRITE, flags);

		n = in_page(lin + i, len - i);
		page_store(cpu, &p, lin + i, (const uint8_t *)buf + i, n);
	}
	return true;
}

static void watch(struct cpu *cpu, uint64_t lin, unsigned len, bool write)
{
	if (cpu->mode & MODE_DBG)
		debug_check_data(cpu, lin, len, write);
}

void mem_read(struct cpu *cpu, uint64_t lin, void *buf, unsigned len, int flags)
{
	mem_load_bytes(cpu, lin, buf, len, flags);
	watch(cpu, lin, len, false);
}

void mem_write(struct cpu *cpu, uint64_t lin, const void *buf, unsigned len, int flags)
{
	mem_store_bytes(cpu, lin, buf, len, flags, 0);
	watch(cpu, lin, len, true);
}

/* size: a power of two. #AC is for the program's own accesses, and for addresses that are canonical. */
static void check_alignment(struct cpu *cpu, uint64_t lin, unsigned size, int flags)
{
	if (cpu->mode & MODE_AC && !(flags & ACC_IMPLICIT) && lin & (size - 1) && mmu_canonical(lin))
		cpu_raise_err(cpu, EXC_AC, 0);
}

void mem_probe_aligned(struct cpu *cpu, uint64_t lin, unsigned size, int acc)
{
	check_alignment(cpu, lin, size, acc);
	mem_probe(cpu, lin, size, acc);
}

void mem_probe(struct cpu *cpu, uint64_t lin, unsigned len, int acc)
{
	mem_check(cpu, lin, len, acc & ACC_WRITE, acc & (ACC_IMPLICIT | ACC_STACK));
}

void *mem_span(struct cpu *cpu, uint64_t lin, unsigned len, int acc)
{
	struct soft_page p = translate(cpu, lin, acc & ACC_WRITE, acc & (ACC_IMPLICIT | ACC_STACK));

	if (p.kind > PAGE_ROM || (p.kind == PAGE_ROM && (acc & ACC_WRITE)))
		return NULL;
	if (acc & ACC_WRITE)
		notify_code(cpu, &p, lin, len, 0);
	return host_ptr(p.host_pa | (lin & PAGE_MASK));
}

volatile void *mem_device(struct cpu *cpu, uint64_t lin, int acc)
{
	struct soft_page p = translate(cpu, lin, acc & ACC_WRITE, acc & (ACC_IMPLICIT | ACC_STACK));

	return p.kind == PAGE_DEVICE ? host_device_ptr(p.host_pa | (lin & PAGE_MASK)) : NULL;
}

#define ACCESSORS(bits) \
	uint##bits##_t mem_read##bits(struct cpu *cpu, uint64_t lin, int flags) \
	{ \
		void *at = plain(cpu, lin, bits / 8, ACC_READ, flags); \
		uint##bits##_t v; \
		if (at) { \
			memcpy(&v, at, bits / 8); \
			return v; \
		} \
		check_alignment(cpu, lin, bits / 8, flags); \
		mem_read(cpu, lin, &v, bits / 8, flags); \
		return v; \
	} \
	void mem_write##bits(struct cpu *cpu, uint64_t lin, uint##bits##_t v, int flags) \
	{ \
		void *at = plain(cpu, lin, bits / 8, ACC_WRITE, flags); \
		if (at) { \
			memcpy(at, &v, bits / 8); \
			return; \
		} \
		check_alignment(cpu, lin, bits / 8, flags); \
		mem_write(cpu, lin, &v, bits / 8, flags); \
	}

ACCESSORS(8)
ACCESSORS(16)
ACCESSORS(32)
ACCESSORS(64)
