/*
 * A bench for the system architecture in C: one CPU, 1 MiB of flat memory whose pages can be taken away, exceptions caught.
 */
#ifndef TESTS_ARCH_MODEL_H
#define TESTS_ARCH_MODEL_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/board.h"
#include "translator/cpu.h"
#include "translator/descriptor.h"
#include "translator/mmu.h"
#include "translator/seg.h"
#include "tests/unit/check.h"

static struct cpu the_cpu;
static struct cpu *const c = &the_cpu;

/* ---- memory ---- */

#define MEM_SIZE 0x100000u
static uint8_t memory[MEM_SIZE];
enum { PAGE_GONE = 1, PAGE_READ_ONLY = 2, PAGE_SUPERVISOR = 4 };
static uint8_t page_rights[MEM_SIZE >> 12];

static void access_check(struct cpu *cpu, uint64_t lin, unsigned len, bool write, int flags)
{
	bool user = cpu->cpl == 3 && !(flags & ACC_IMPLICIT);

	for (unsigned i = 0; i < len; i++) {
		uint32_t at = (uint32_t)lin + i;
		unsigned rights = at < MEM_SIZE ? page_rights[at >> 12] : PAGE_GONE;
		if (rights & PAGE_GONE)
			cpu_raise_pf(cpu, at, (write ? PF_W : 0) | (user ? PF_U : 0));
		if ((write && (rights & PAGE_READ_ONLY)) || (user && (rights & PAGE_SUPERVISOR)))
			cpu_raise_pf(cpu, at, PF_P | (write ? PF_W : 0) | (user ? PF_U : 0));
	}
}

void mem_probe(struct cpu *cpu, uint64_t lin, unsigned len, int acc)
{
	access_check(cpu, lin, len, acc & ACC_WRITE, acc);
}

void mem_probe_aligned(struct cpu *cpu, uint64_t lin, unsigned size, int acc)
{
	if (cpu->mode & MODE_AC && !(acc & ACC_IMPLICIT) && lin & (size - 1))
		cpu_raise_err(cpu, EXC_AC, 0);
	mem_probe(cpu, lin, size, acc);
}

void mem_read(struct cpu *cpu, uint64_t lin, void *buf, unsigned len, int flags)
{
	access_check(cpu, lin, len, false, flags);
	memcpy(buf, memory + (uint32_t)lin, len);
}

void mem_write(struct cpu *cpu, uint64_t lin, const void *buf, unsigned len, int flags)
{
	access_check(cpu, lin, len, true, flags);
	memcpy(memory + (uint32_t)lin, buf, len);
}

#include "tests/lib/mem_access.h"

static unsigned flushes, flushes_global;
void mmu_flush(struct cpu *cpu, bool keep_global)
{
	(void)cpu;
	flushes++;
	flushes_global += !keep_global;
}
static bool pdptes_bad;
static uint64_t pdptes_from;
int mmu_load_pdptes(struct cpu *cpu, uint64_t cr3)
{
	(void)cpu;
	pdptes_from = cr3;
	return pdptes_bad ? -1 : 0;
}
int mmu_set_cr3(struct cpu *cpu, uint64_t value)
{
	if ((cpu->cr0 & CR0_PG) && (cpu->cr4 & CR4_PAE) && mmu_load_pdptes(cpu, value) < 0)
		return -1;
	cpu->cr3 = value;
	mmu_flush(cpu, cpu->cr4 & CR4_PGE);
	return 0;
}
int mmu_invpcid(struct cpu *cpu, uint64_t type, uint64_t pcid, uint64_t lin)
{
	(void)cpu, (void)pcid, (void)lin;
	return type > 3 ? -1 : 0;
}
static uint64_t invalidated;
bool mmu_invlpg(struct cpu *cpu, uint64_t lin)
{
	(void)cpu;
	invalidated = lin;
	return false;
}

static __attribute__((unused)) void poke(uint32_t at, unsigned size, uint64_t v) { memcpy(memory + at, &v, size); }
static __attribute__((unused)) uint64_t peek(uint32_t at, unsigned size)
{
	uint64_t v = 0;
	memcpy(&v, memory + at, size);
	return v;
}

/* ---- board ---- */

static uint64_t tsc_now;
uint64_t board_tsc(void) { return tsc_now; }
void board_apic_base_changed(struct cpu *cpu) { (void)cpu; }
bool board_apic_read(struct cpu *cpu, unsigned reg, uint64_t *value)
{
	(void)cpu;
	*value = 0xa000 + reg;
	return reg == 2;
}
bool board_apic_write(struct cpu *cpu, unsigned reg, uint64_t value)
{
	(void)cpu;
	return reg == 0xb && value == 0;
}
static uint64_t tsc_deadline;
static unsigned tsc_changes;
uint64_t board_tsc_deadline(struct cpu *cpu) { (void)cpu; return tsc_deadline; }
void board_set_tsc_deadline(struct cpu *cpu, uint64_t deadline) { (void)cpu, tsc_deadline = deadline; }
void board_tsc_changed(struct cpu *cpu) { (void)cpu, tsc_changes++; }
uint64_t board_tsc_hz(void) { return 1000000000; }
unsigned board_task_priority(struct cpu *cpu) { (void)cpu; return 0; }
void board_set_task_priority(struct cpu *cpu, unsigned priority) { (void)cpu, (void)priority; }
static struct { uint16_t port; int size; uint32_t value; unsigned count; } last_out;
uint32_t board_port_read(struct cpu *cpu, uint16_t port, int size)
{
	(void)cpu;
	return port << 8 | size;
}
void board_port_write(struct cpu *cpu, uint16_t port, int size, uint32_t value)
{
	(void)cpu;
	last_out.port = port;
	last_out.size = size;
	last_out.value = value;
	last_out.count++;
}
void cpu_set_a20(struct cpu *cpu, bool on) { cpu->a20 = on; }

/* ---- exceptions ---- */

enum { EXITED = -1, NOTHING = -2 };
static int raised_vector;
static uint32_t raised_error;
static bool raised_with_error;
static uint32_t requested;

void cpu_exit(struct cpu *cpu) { raised_vector = EXITED; longjmp(cpu->unwind, 1); }
void cpu_request(struct cpu *cpu, uint32_t bit) { (void)cpu; requested |= bit; }
void cpu_raise(struct cpu *cpu, int vector)
{
	raised_vector = vector;
	raised_with_error = false;
	raised_error = 0;
	longjmp(cpu->unwind, 1);
}
void cpu_raise_err(struct cpu *cpu, int vector, uint32_t error)
{
	raised_vector = vector;
	raised_with_error = true;
	raised_error = error;
	longjmp(cpu->unwind, 1);
}
void cpu_raise_pf(struct cpu *cpu, uint64_t cr2, uint32_t error)
{
	cpu->cr2 = cr2;
	cpu_raise_err(cpu, EXC_PF, error);
}

/* Runs a statement; raised_vector tells how it ended. */
#define RUN(stmt) \
	do { \
		raised_vector = NOTHING; \
		if (!setjmp(c->unwind)) { \
			stmt; \
		} \
	} while (0)
#define OK(stmt) \
	do { \
		RUN(stmt); \
		if (raised_vector != NOTHING) \
			printf("%s:%d: %s raised %d(%#x)\n", __FILE__, __LINE__, #stmt, raised_vector, raised_error); \
		raised_vector == NOTHING ? passed++ : failed++; \
	} while (0)

static struct cpu before;
static uint8_t memory_before[MEM_SIZE];

/* Everything the program can see is as it was (CR2 and what belongs to the delivery of events excepted). */
static __attribute__((unused)) bool state_unchanged(void)
{
	return !memcmp(c->gpr, before.gpr, sizeof(c->gpr)) && c->eip == before.eip && c->mode == before.mode &&
	       c->cpl == before.cpl && cpu_get_eflags(c) == cpu_get_eflags(&before) && !memcmp(c->seg, before.seg, sizeof(c->seg)) &&
	       c->cr0 == before.cr0 && c->cr3 == before.cr3 && c->cr4 == before.cr4 &&
	       !memcmp(memory, memory_before, MEM_SIZE);
}

/* The statement raises vector with this error code, and changes nothing. */
#define FAULT(stmt, vector, error) \
	do { \
		before = *c; \
		memcpy(memory_before, memory, MEM_SIZE); \
		RUN(stmt); \
		bool right_ = raised_vector == (vector) && raised_error == (uint32_t)(error), same_ = state_unchanged(); \
		if (!right_) \
			printf("%s:%d: %s ended with %d(%#x), not %d(%#x)\n", __FILE__, __LINE__, #stmt, raised_vector, \
			       raised_error, (vector), (unsigned)(error)); \
		if (!same_) \
			printf("%s:%d: %s left a changed state\n", __FILE__, __LINE__, #stmt); \
		right_ && same_ ? passed++ : failed++; \
	} while (0)

/* ---- tables ---- */

#define GDT 0x1000u
#define IDT 0x2000u
#define LDT 0x3000u
#define TSS_A 0x4000u
#define TSS_B 0x5000u
#define STACK0 0x20000u /* tops of stacks, each with two pages below */
#define STACK1 0x23000u
#define STACK3 0x26000u

enum {
	S_CODE0 = 0x08, S_DATA0 = 0x10, S_CODE3 = 0x1b, S_DATA3 = 0x23, S_CODE1 = 0x29, S_DATA1 = 0x31,
	S_CONF = 0x38, S_CODE16 = 0x40, S_STACK16 = 0x48, S_RODATA = 0x50, S_XONLY = 0x58, S_DOWN = 0x60, S_ABSENT = 0x68,
	S_TSSA = 0x70, S_TSSB = 0x78, S_LDT = 0x80, S_GATE = 0x88, S_TASKGATE = 0x90, S_SMALL = 0x98, S_ABSENT_CODE = 0xa0,
	S_SPARE = 0xa8, S_ABSENT_STACK = 0xb0, GDT_END = 0xb8,
};

/* attr as in struct seg (type, S, DPL, P; DB, G in bits 14 and 15) */
static __attribute__((unused)) uint64_t make_desc(uint32_t base, uint32_t limit, unsigned attr)
{
	if (attr & SEG_ATTR_G)
		limit >>= 12;
	uint32_t lo = (base & 0xffff) << 16 | (limit & 0xffff);
	uint32_t hi = (base & 0xff000000) | (base >> 16 & 0xff) | (limit & 0xf0000) | attr << 8;
	return (uint64_t)hi << 32 | lo;
}
static __attribute__((unused)) uint64_t make_gate(uint16_t sel, uint32_t off, unsigned access, unsigned count)
{
	return (uint64_t)((off & 0xffff0000) | access << 8 | count) << 32 | ((uint32_t)sel << 16 | (off & 0xffff));
}
static __attribute__((unused)) void set_gdt(uint16_t sel, uint64_t d) { poke(GDT + (sel & 0xfff8), 8, d); }
static __attribute__((unused)) uint64_t get_gdt(uint16_t sel) { return peek(GDT + (sel & 0xfff8), 8); }
static __attribute__((unused)) void set_idt(int vector, uint64_t d) { poke(IDT + vector * 8, 8, d); }

#define FLAT (SEG_ATTR_G | SEG_ATTR_DB)
#define DPL(n) ((n) << 5)
enum { A_CODE = 0x9b, A_DATA = 0x93, A_CONF = 0x9f };

static void build_gdt(void)
{
	set_gdt(S_CODE0, make_desc(0, 0xffffffff, A_CODE | FLAT));
	set_gdt(S_DATA0, make_desc(0, 0xffffffff, A_DATA | FLAT));
	set_gdt(S_CODE3, make_desc(0, 0xffffffff, A_CODE | DPL(3) | FLAT));
	set_gdt(S_DATA3, make_desc(0, 0xffffffff, A_DATA | DPL(3) | FLAT));
	set_gdt(S_CODE1, make_desc(0, 0xffffffff, A_CODE | DPL(1) | FLAT));
	set_gdt(S_DATA1, make_desc(0, 0xffffffff, A_DATA | DPL(1) | FLAT));
	set_gdt(S_CONF, make_desc(0, 0xffffffff, A_CONF | FLAT));
	set_gdt(S_CODE16, make_desc(0x10000, 0xffff, A_CODE));
	set_gdt(S_STACK16, make_desc(0, 0xffff, A_DATA));
	set_gdt(S_RODATA, make_desc(0x1000, 0xfff, 0x91 | SEG_ATTR_DB));
	set_gdt(S_XONLY, make_desc(0, 0xffff, 0x99 | SEG_ATTR_DB));
	set_gdt(S_DOWN, make_desc(0, 0x0fff, 0x97));
	set_gdt(S_ABSENT, make_desc(0, 0xffff, A_DATA & ~SEG_ATTR_P));
	set_gdt(S_ABSENT_CODE, make_desc(0, 0xffff, A_CODE & ~SEG_ATTR_P));
	set_gdt(S_ABSENT_STACK, make_desc(0, 0xffff, A_DATA & ~SEG_ATTR_P));
	set_gdt(S_TSSA, make_desc(TSS_A, 0xfff, 0x8b));
	set_gdt(S_TSSB, make_desc(TSS_B, 0xfff, 0x89));
	set_gdt(S_LDT, make_desc(LDT, 0xff, 0x82));
	set_gdt(S_SMALL, make_desc(0, 0xff, A_CODE | SEG_ATTR_DB));
	set_gdt(S_SPARE, 0);
}

static __attribute__((unused)) void load_seg(int s, uint16_t sel)
{
	struct desc d = { .lo = (uint32_t)get_gdt(sel), .hi = get_gdt(sel) >> 32 };
	seg_from_desc(&c->seg[s], sel, &d);
}

/* Protected mode, at privilege level cpl (0 or 3), flat segments, a 32-bit TSS with stacks for levels 0 and 1. */
static void protected_mode(unsigned cpl)
{
	memset(c, 0, sizeof(*c));
	memset(memory, 0, sizeof(memory));
	memset(page_rights, 0, sizeof(page_rights));
	page_rights[0] = PAGE_SUPERVISOR;
	cpu_reset(c);
	build_gdt();
	c->gdtr.base = GDT;
	c->gdtr.limit = GDT_END - 1;
	c->idtr.base = IDT;
	c->idtr.limit = 0x7ff;
	c->cr0 = CR0_PE | CR0_ET;
	c->cpl = cpl;
	load_seg(SEG_CS, cpl ? S_CODE3 : S_CODE0);
	for (int s = 0; s < 6; s++) {
		if (s != SEG_CS)
			load_seg(s, cpl ? S_DATA3 : S_DATA0);
	}
	load_seg(SEG_TR, S_TSSA);
	load_seg(SEG_LDTR, S_LDT);
	poke(TSS_A + 4, 4, STACK0);
	poke(TSS_A + 8, 2, S_DATA0);
	poke(TSS_A + 12, 4, STACK1);
	poke(TSS_A + 16, 2, S_DATA1);
	poke(TSS_A + 102, 2, 104);
	for (int i = 0; i < 8; i++)
		c->gpr[i] = 0x1111u * i;
	c->gpr[RSP] = cpl ? STACK3 : STACK0;
	c->eip = 0x12345;
	c->eflags = FL_1 | FL_IF;
	c->cc_op = CC_EFLAGS;
	c->cc_dst = FL_CF | FL_ZF;
	cpu_update_mode(c);
}

static __attribute__((unused)) void real_mode(void)
{
	protected_mode(0);
	c->cr0 = CR0_ET;
	c->idtr.base = 0;
	c->idtr.limit = 0x3ff;
	page_rights[0] = 0;
	for (int s = 0; s < 6; s++) {
		c->seg[s].limit = 0xffff;
		c->seg[s].attr = 0x93;
		seg_load_real(c, s, 0x1000);
	}
	c->gpr[RSP] = 0x8000;
	c->eip = 0x100;
}

static __attribute__((unused)) void v86_mode(unsigned iopl)
{
	protected_mode(3);
	c->eflags = FL_1 | FL_IF | FL_VM | iopl << 12;
	for (int s = 0; s < 6; s++)
		seg_load_real(c, s, 0x1000 + s);
	c->gpr[RSP] = 0x8000;
	c->eip = 0x100;
	page_rights[0] = 0;
	cpu_update_mode(c);
}

#endif
