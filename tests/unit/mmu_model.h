/*
 * A machine for the tests of the guest MMU: physical memory, a board, a host TLB with its refill handler, and the little of the rest of
 * the translator that the MMU calls. Include it before the MMU's sources.
 *
 * Host physical addresses are offsets into `memory`: the guest has the first GUEST_SIZE bytes, host_alloc() the rest.
 */
#ifndef TESTS_MMU_MODEL_H
#define TESTS_MMU_MODEL_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "arch/loongarch/refill.h"
#include "translator/board.h"
#include "translator/cache_internal.h"
#include "translator/cpu.h"
#include "translator/device_site.h"
#include "translator/mmu.h"
#include "tests/unit/check.h"

#define GUEST_SIZE (16u << 20)
#define MEMORY_SIZE (48u << 20)
#define ROM_BASE 0xfffc0000u   /* 256 KiB, in memory at ROM_AT */
#define ROM_AT (GUEST_SIZE - 0x40000u)
#define DEVICE_BASE 0xe0000000u /* one page, in memory at DEVICE_AT */
#define DEVICE_AT (GUEST_SIZE - 0x41000u)
#define RAM_END DEVICE_AT

static uint8_t memory[MEMORY_SIZE] __attribute__((aligned(1 << 21)));

static struct cpu the_cpu;

/* ---- host TLB ---- */
#define TRANSLATOR_HOSTTLB_H
#define HOSTTLB_ASID_MASK 0x3ffu
#ifndef MODEL_TLB
#define MODEL_TLB 64
#endif

static struct model_tlb {
	bool used;
	uint64_t asid, vppn, elo[2];
} model_tlb[MODEL_TLB];
static uint64_t model_asid, model_tag, model_global, model_table;
static bool model_wide;
static unsigned model_next, model_flushes, model_page_flushes;

static inline void *host_ptr(uint64_t pa)
{
	if (pa >= MEMORY_SIZE) {
		printf("host physical address %llx outside memory\n", (unsigned long long)pa);
		abort();
	}
	return memory + pa;
}

static inline volatile void *host_device_ptr(uint64_t pa)
{
	return host_ptr(pa);
}

static inline void hosttlb_flush_all(void)
{
	model_flushes++;
	memset(model_tlb, 0, sizeof(model_tlb));
}

static inline struct model_tlb *model_find(uint64_t asid, uint64_t va)
{
	for (unsigned i = 0; i < MODEL_TLB; i++)
		if (model_tlb[i].used && model_tlb[i].asid == asid && model_tlb[i].vppn == va >> 13)
			return &model_tlb[i];
	return NULL;
}

static inline void hosttlb_flush_page(uint64_t asid, uint64_t va)
{
	struct model_tlb *t = model_find(asid, va);

	model_page_flushes++;
	if (t)
		t->used = false;
}

static inline void hosttlb_set_context(uint64_t asid, uint64_t tag)
{
	model_asid = asid;
	model_tag = tag;
}

static inline void hosttlb_set_global(uint64_t tag)
{
	model_global = tag;
}

static inline void hosttlb_set_handler(bool wide, bool counting)
{
	(void)counting;
	model_wide = wide;
}

static inline void hosttlb_init(uint64_t table_pa)
{
	model_table = table_pa;
	hosttlb_flush_all();
}

static inline void hosttlb_replace(uint64_t va, uint64_t elo0, uint64_t elo1)
{
	struct model_tlb *t = model_find(model_asid, va);

	if (t) {
		t->elo[0] = elo0;
		t->elo[1] = elo1;
	}
}

#include "translator/mmu_internal.h"

/* The pair for va, refilled if need be as refill.S does; NULL when that leaves it to the exception handler. */
static inline struct model_tlb *model_lookup(uint64_t va)
{
	struct model_tlb *t = model_find(model_asid, va);
	const struct soft_pair *e = (const struct soft_pair *)(memory + model_table) + refill_index(va);
	uint64_t lin = model_wide ? va : (uint32_t)va;

	if (t)
		return t;
	if (e->tag != refill_tag(model_tag, lin) && e->global != refill_tag(model_global, lin))
		e = softtlb_refill(&the_cpu, va);
	if (!e)
		return NULL;
	t = &model_tlb[model_next++ % MODEL_TLB];
	*t = (struct model_tlb){ .used = true, .asid = model_asid, .vppn = va >> 13 };
	memcpy(t->elo, e->elo, sizeof(t->elo));
	return t;
}

/* ---- host and board ---- */
struct host host;
static uint64_t alloc_next = GUEST_SIZE;

uint64_t host_alloc(uint64_t size, uint64_t align)
{
	uint64_t at = (alloc_next + align - 1) & ~(align - 1);

	if (at + size > MEMORY_SIZE)
		return 0;
	alloc_next = at + size;
	return at;
}

static bool low_is_rom; /* 0xf0000-0xfffff shows the ROM's end instead of RAM */
static unsigned mmio_reads, mmio_writes;
static uint64_t mmio_last_gpa, mmio_last_value;
static int mmio_last_size;

void board_resolve(uint64_t gpa, struct phys_page *out)
{
	*out = (struct phys_page){ .kind = PAGE_MMIO };
	gpa &= ~0xfffull;
	if (low_is_rom && gpa >= 0xf0000 && gpa < 0x100000)
		*out = (struct phys_page){ PAGE_ROM, ROM_AT + 0x30000 + (gpa - 0xf0000) };
	else if (gpa < RAM_END && (gpa < 0xa0000 || gpa >= 0xc0000))
		*out = (struct phys_page){ PAGE_RAM, gpa };
	else if (gpa >= ROM_BASE && gpa < 1ull << 32)
		*out = (struct phys_page){ PAGE_ROM, ROM_AT + (gpa - ROM_BASE) };
	else if (gpa == DEVICE_BASE)
		*out = (struct phys_page){ PAGE_DEVICE, DEVICE_AT };
}

/* An MMIO byte reads as a function of its address. */
static inline uint8_t mmio_byte(uint64_t gpa)
{
	return (uint8_t)(gpa * 7 + (gpa >> 8) + 3);
}

uint64_t board_mmio_read(struct cpu *cpu, uint64_t gpa, int size)
{
	uint64_t v = 0;

	(void)cpu;
	CHECK((gpa & 7) + size <= 8, "MMIO read across 8 bytes at %llx", (unsigned long long)gpa);
	mmio_reads++;
	for (int i = 0; i < size; i++)
		v |= (uint64_t)mmio_byte(gpa + i) << 8 * i;
	return v;
}

void board_mmio_write(struct cpu *cpu, uint64_t gpa, int size, uint64_t value)
{
	(void)cpu;
	CHECK((gpa & 7) + size <= 8, "MMIO write across 8 bytes at %llx", (unsigned long long)gpa);
	mmio_writes++;
	mmio_last_gpa = gpa;
	mmio_last_size = size;
	mmio_last_value = value;
}

/* ---- the rest of the translator ---- */
static struct code_cache the_cache;
static uint32_t fake_code[16];
static bool raised;
static uint64_t raised_cr2;
static uint32_t raised_error;
static unsigned code_writes, lookups_flushed;
static bool code_redo; /* what code_page_written() returns to translated code */
static uint64_t code_last_gpa, code_last_pc;
static unsigned code_last_len;

_Noreturn void cpu_raise_pf(struct cpu *cpu, uint64_t cr2, uint32_t error)
{
	raised = true;
	raised_cr2 = cr2;
	raised_error = error;
	longjmp(cpu->unwind, 1);
}

static int raised_vector; /* of exceptions that are no page faults */

_Noreturn void cpu_raise_err(struct cpu *cpu, int vector, uint32_t error)
{
	raised = true;
	raised_vector = vector;
	raised_error = error;
	longjmp(cpu->unwind, 1);
}

_Noreturn void cpu_exit(struct cpu *cpu)
{
	longjmp(cpu->unwind, 2);
}

void cpu_request(struct cpu *cpu, uint32_t pend_bit)
{
	cpu->pending |= pend_bit;
	cpu->stop = 1;
}

void debug_check_data(struct cpu *cpu, uint64_t lin, unsigned len, bool write)
{
	(void)cpu, (void)lin, (void)len, (void)write;
}

int code_page_written(struct cpu *cpu, uint64_t gpa, unsigned len, uint64_t host_pc)
{
	(void)cpu;
	code_writes++;
	code_last_gpa = gpa;
	code_last_len = len;
	code_last_pc = host_pc;
	return host_pc && code_redo;
}

bool code_bytes_free(struct cpu *cpu, uint64_t gpa, unsigned len)
{
	(void)cpu, (void)gpa, (void)len;
	return false;
}

const struct x87_point *cache_x87_point(struct cpu *cpu, uint64_t pc)
{
	(void)cpu, (void)pc;
	return NULL;
}

static unsigned point_flags; /* of every host instruction */

int cache_recover(struct cpu *cpu, const struct trap_frame *frame)
{
	cpu->eip = frame->era;
	return (int)point_flags;
}

void cache_stop(struct cpu *cpu, uint64_t pc)
{
	(void)cpu, (void)pc;
}

int cache_settle(struct cpu *cpu, struct trap_frame *frame)
{
	return cache_recover(cpu, frame);
}

void quick_page_fault(struct cpu *cpu, struct trap_frame *frame, uint32_t error)
{
	(void)frame;
	cpu_raise_pf(cpu, cpu->cr2, error);
}

static uint64_t model_guarded = UINT64_MAX; /* the host address of an access of a stub */

bool cache_is_guarded(struct cpu *cpu, uint64_t pc)
{
	(void)cpu;
	return pc == model_guarded;
}

void device_site_trap(struct cpu *cpu, uint64_t pc)
{
	(void)cpu, (void)pc;
}

unsigned cache_point_flags(struct cpu *cpu, uint64_t pc)
{
	(void)cpu, (void)pc;
	return point_flags;
}

void cache_flush_lookups(struct cpu *cpu)
{
	(void)cpu;
	lookups_flushed++;
}

void cache_flush_lookups_local(struct cpu *cpu)
{
	(void)cpu;
	lookups_flushed++;
}

void cache_flush_lookups_page(struct cpu *cpu, uint64_t lin, unsigned shift)
{
	(void)cpu, (void)lin, (void)shift;
	lookups_flushed++;
}

static uint8_t vregs[32][16];

void vreg_store(unsigned n, void *buf)
{
	memcpy(buf, vregs[n], 16);
}

void vreg_load(unsigned n, const void *buf)
{
	memcpy(vregs[n], buf, 16);
}

static inline void model_start(void)
{
	the_cpu.a20 = true;
	the_cpu.cr0 = CR0_PE;
	the_cpu.cache = &the_cache;
	the_cache.first = fake_code;
	the_cache.code_end = fake_code + 16;
	if (mmu_init(&the_cpu)) {
		printf("mmu_init failed\n");
		exit(1);
	}
}

/* Runs the statement; true when it raised a #PF. */
#define FAULTS(...) \
	({ \
		raised = false; \
		if (!setjmp(the_cpu.unwind)) { \
			__VA_ARGS__; \
		} \
		raised; \
	})

static inline void poke32(uint64_t gpa, uint32_t v)
{
	memcpy(memory + gpa, &v, 4);
}

static inline uint64_t peek64(uint64_t gpa)
{
	uint64_t v;

	memcpy(&v, memory + gpa, 8);
	return v;
}

static inline void poke64(uint64_t gpa, uint64_t v)
{
	memcpy(memory + gpa, &v, 8);
}

static inline uint32_t peek32(uint64_t gpa)
{
	uint32_t v;

	memcpy(&v, memory + gpa, 4);
	return v;
}

#endif
