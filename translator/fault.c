/*
 * Host exceptions in translated code. Either the guest may do what the host instruction does directly: then the software TLB
 * and the host TLB learn of it and the instruction runs again. Or it is an access that the host must not do by itself (MMIO,
 * ROM, code pages, unaligned atomics, sums that wrap at 4 GiB in compatibility mode): then it is done here by hand. Or the guest gets its
 * page fault, or #GP or #SS for an address that is not canonical.
 */
#include <errno.h>
#include <string.h>

#include "arch/loongarch/host.h"
#include "translator/cache_internal.h"
#include "translator/elements.h"
#include "translator/mmu_internal.h"
#include "translator/quick.h"

#define HOST_ACCESS_MAX 16 /* bytes of the widest host access */

static bool in_translated_code(const struct cpu *cpu, uint64_t pc)
{
	const struct code_cache *c = cpu->cache;

	return c && pc >= (uintptr_t)c->first && pc < (uintptr_t)c->code_end;
}

static int decode_at(const struct trap_frame *frame, struct host_insn *out)
{
	return host_insn_decode(*(const uint32_t *)(uintptr_t)frame->era, frame, out);
}

/* Behind what may have called cpu_request(). */
static void stop_if_asked(struct cpu *cpu, struct trap_frame *frame)
{
	if (!cpu->stop)
		return;
	frame->r[H_STOP] = 1;
	cache_stop(cpu, frame->era);
}

/* Where the guest's operand begins, or its part in the page of lin. flags: those of the fault point. */
static uint64_t operand_address(const struct cpu *cpu, const struct trap_frame *frame, unsigned flags, uint64_t lin)
{
	uint64_t operand;

	if (!(flags & POINT_WORD))
		return lin;
	operand = mmu_program_lin(cpu, frame->r[T0]);
	return (operand ^ lin) & ~(uint64_t)PAGE_MASK ? lin & ~(uint64_t)PAGE_MASK : operand;
}

/* The read-modify-write instructions. Returns false when the guest instruction must be redone. */
static bool modify(struct cpu *cpu, struct trap_frame *frame, const struct host_insn *i)
{
	uint64_t lin = mmu_program_lin(cpu, i->address), old = 0, new;

	mem_check(cpu, lin, i->size, ACC_WRITE, 0);
	mem_load_bytes(cpu, lin, &old, i->size, 0);
	new = host_insn_modify(i, old, frame->r[i->value_reg]);
	if (!mem_store_bytes(cpu, lin, &new, i->size, 0, frame->era))
		return false;
	host_insn_result(i, frame, &old);
	return true;
}

/* Does what the host instruction would; the guest's state is in *cpu for a page fault. Returns false as modify(). */
static bool perform(struct cpu *cpu, struct trap_frame *frame, const struct host_insn *i)
{
	uint64_t lin = mmu_program_lin(cpu, i->address);
	uint8_t buf[HOST_ACCESS_MAX];

	switch (i->op) {
	case HOST_LOAD:
		if (cache_point_flags(cpu, frame->era) & POINT_MODIFIES)
			mem_check(cpu, lin, i->size, ACC_WRITE, 0);
		mem_load_bytes(cpu, lin, buf, i->size, 0);
		host_insn_result(i, frame, buf);
		return true;
	case HOST_STORE:
	case HOST_SC:
		host_insn_source(i, frame, buf);
		if (!mem_store_bytes(cpu, lin, buf, i->size, 0, frame->era))
			return false;
		if (i->op == HOST_SC && i->reg)
			frame->r[i->reg] = 1;
		return true;
	default:
		return modify(cpu, frame, i);
	}
}

/* An access to the word around an operand: the fault of its page names the operand. */
static void check_operand(struct cpu *cpu, const struct trap_frame *frame, const struct host_insn *i)
{
	unsigned flags = cache_point_flags(cpu, frame->era);

	if (flags & POINT_WORD)
		mem_check(cpu, operand_address(cpu, frame, flags, mmu_program_lin(cpu, i->address)), 1, ACC_WRITE, 0);
}

static __attribute__((noinline)) int emulate(struct cpu *cpu, struct trap_frame *frame)
{
	uint32_t kept = cpu->cc_op;
	struct host_insn insn;

	if (decode_at(frame, &insn) || cache_recover(cpu, frame) < 0)
		return -EFAULT;
	if (cache_x87_point(cpu, frame->era)) { /* what follows counts on a state that is gone now */
		cpu->cache->redo = true;
		cpu_exit(cpu);
	}
	check_operand(cpu, frame, &insn);
	if (!perform(cpu, frame, &insn))
		cpu_exit(cpu);
	cpu->cc_op = kept; /* the code that goes on has flags of its own kind in its registers */
	frame->era += 4;
	stop_if_asked(cpu, frame);
	return 0;
}

/* Whether the host may do the access by this TLBELO. */
static bool suffices(uint64_t elo, int acc, bool user)
{
	return (elo & TLBELO_V) && (acc != ACC_WRITE || (elo & TLBELO_D)) && (!user || (elo & TLBELO_PLV3) == TLBELO_PLV3);
}

enum outcome { MAPPED, BY_HAND, GUEST_FAULT };

struct access {
	int acc;
	bool user;
	bool modifies; /* a load before a store */
};

/* Whether the guest may do the access, for which its tables are looked at: the refill handler has tried what is quicker. */
static bool may_access(struct cpu *cpu, uint64_t lin, int acc, bool user, uint32_t *error)
{
	const struct soft_page *p = softtlb_find(cpu->mmu, lin);

	return (p && (p->rights & RIGHT(acc, user))) || mmu_walk(cpu, lin, acc, user, error);
}

/* Gets the page of host address va, which means lin, into both TLBs for such an access. */
static enum outcome map(struct cpu *cpu, uint64_t va, uint64_t lin, const struct access *a, uint32_t *error)
{
	struct soft_pair *pair = softtlb_pair(cpu->mmu, lin);
	const uint64_t *elo = &pair->elo[lin >> 12 & 1];
	int acc = a->acc;
	bool user = a->user;

	if ((cpu->efer & EFER_LMA) && lin != va)
		return BY_HAND;
	if (a->modifies && !may_access(cpu, lin, ACC_WRITE, user, error))
		return GUEST_FAULT;
	if (!may_access(cpu, lin, acc, user, error))
		return GUEST_FAULT;
	if (!suffices(*elo, acc, user)) {
		softtlb_refresh(cpu->mmu, lin, acc == ACC_WRITE && !user);
		if (!suffices(*elo, acc, user))
			return BY_HAND;
	}
	hosttlb_replace(va, pair->elo[0], pair->elo[1]);
	return MAPPED;
}

/* cache_settle() has been called; flags: those of the fault point. */
static int page_fault(struct cpu *cpu, struct trap_frame *frame, unsigned flags, uint64_t lin, uint32_t error)
{
	cpu->cr2 = operand_address(cpu, frame, flags, lin);
	quick_page_fault(cpu, frame, error);
	return 0;
}

static __attribute__((noinline)) int not_canonical(struct cpu *cpu, struct trap_frame *frame, uint64_t lin)
{
	if (cache_recover(cpu, frame) < 0)
		return -EFAULT;
	mmu_raise_noncanonical(cpu, lin, 0);
}

/*
 * asrtgt.d or asrtle.d rj, H_STOP before an access through rj (gen_check.c). While the stop register is set its value is no bound: then the
 * check is made here, and where the host compares unsigned numbers for negative addresses.
 */
static __attribute__((noinline)) int bound_check(struct cpu *cpu, struct trap_frame *frame)
{
	uint64_t base = frame->r[*(const uint32_t *)(uintptr_t)frame->era >> 5 & 31];

	if ((int64_t)base <= (int64_t)BASE_BOUND)
		return not_canonical(cpu, frame, base);
	frame->era += 4;
	return 0;
}

/* What the faulting instruction wanted, or -1 when it cannot be told. */
static int access_of(const struct trap_frame *frame)
{
	struct host_insn insn;

	switch (ESTAT_ECODE(frame->estat)) {
	case ECODE_PIL:
		return ACC_READ;
	case ECODE_PIS:
	case ECODE_PME:
		return ACC_WRITE;
	case ECODE_PPI:
	case ECODE_TLBR:
		return decode_at(frame, &insn) ? -1 : host_insn_writes(&insn) ? ACC_WRITE : ACC_READ;
	default:
		return -1;
	}
}

/* An access that begins near the end of a page may have failed for the next one, though BADV names the first byte. */
static bool runs_over(const struct trap_frame *frame, uint64_t va)
{
	struct host_insn insn;

	if ((va & PAGE_MASK) <= PAGE_SIZE - HOST_ACCESS_MAX || decode_at(frame, &insn))
		return false;
	return insn.address == va && (va & PAGE_MASK) + insn.size > PAGE_SIZE;
}

/* Where the access begins that failed at lin: in the page before, when it crosses into lin's. That page's fault comes first. */
static uint64_t first_byte(const struct trap_frame *frame, uint64_t lin)
{
	struct host_insn insn;

	if ((lin & PAGE_MASK) >= HOST_ACCESS_MAX || decode_at(frame, &insn) || (lin - insn.address) >= HOST_ACCESS_MAX)
		return lin;
	return (insn.address ^ lin) & ~(uint64_t)PAGE_MASK ? insn.address : lin;
}

/* Data beside code in one page is stored to often: a store that changes no code is done at once. Returns whether it was one. */
static bool store_beside_code(struct cpu *cpu, struct trap_frame *frame, bool user)
{
	uint64_t lin = mmu_program_lin(cpu, frame->badv);
	uint32_t offset = lin & PAGE_MASK;
	const struct soft_page *p = softtlb_find(cpu->mmu, lin);
	uint8_t buf[HOST_ACCESS_MAX];
	struct host_insn insn;

	if (!p || p->kind != PAGE_RAM || !(p->rights & RIGHT(ACC_WRITE, user)) || decode_at(frame, &insn) || insn.op != HOST_STORE)
		return false;
	if (insn.address != frame->badv || offset + insn.size > PAGE_SIZE ||
	    !code_bytes_free(cpu, (uint64_t)p->gpn << 12 | offset, insn.size))
		return false;
	uint8_t *to = (uint8_t *)host_ptr(p->host_pa) + offset;
	if (insn.file == HOST_GPR && insn.size <= sizeof frame->r[0]) {
		element_put(to, insn.size, frame->r[insn.reg]);
	} else {
		host_insn_source(&insn, frame, buf);
		memcpy(to, buf, insn.size);
	}
	frame->era += 4;
	return true;
}

/* A page that the host could not get to. */
static __attribute__((noinline)) int page_exception(struct cpu *cpu, struct trap_frame *frame, bool user)
{
	struct access access = { .acc = access_of(frame), .user = user };
	uint64_t va = first_byte(frame, frame->badv);
	uint32_t error = 0;
	enum outcome how = MAPPED;

	if (access.acc < 0)
		return -EFAULT;
	if (!mmu_canonical(mmu_program_lin(cpu, va)) || (runs_over(frame, va) && !mmu_canonical(mmu_program_lin(cpu, (va | PAGE_MASK) + 1))))
		return not_canonical(cpu, frame, va);
	unsigned flags = cache_point_flags(cpu, frame->era);
	access.modifies = access.acc == ACC_READ && flags & POINT_MODIFIES;
	for (unsigned page = 0; page < 2 && how == MAPPED; page++) {
		if (page && !runs_over(frame, va))
			break;
		if (page)
			va = (va | PAGE_MASK) + 1;
		how = map(cpu, va, mmu_program_lin(cpu, va), &access, &error);
	}
	if (how == MAPPED)
		return 0;
	if (how == BY_HAND)
		return emulate(cpu, frame);
	softtlb_await_page(cpu->mmu, mmu_program_lin(cpu, va));
	return cache_settle(cpu, frame) < 0 ? -EFAULT : page_fault(cpu, frame, flags, mmu_program_lin(cpu, va), error);
}

/*
 * An access within one page that the guest's tables most often do not allow, which is then seen without going through them in full. Where the refill handler has
 * just missed the page it has seen it already, and neither TLB knows of the page.
 */
static __attribute__((noinline)) int denied_page(struct cpu *cpu, struct trap_frame *frame, bool user)
{
	uint64_t lin = mmu_program_lin(cpu, frame->badv);
	bool plain = mmu_canonical(lin) && (lin == frame->badv || !(cpu->efer & EFER_LMA));
	bool missed = ESTAT_ECODE(frame->estat) == ECODE_TLBR, write;
	struct host_insn insn;
	uint32_t error = 0;
	int flags;

	if (!plain || (missed && !softtlb_is_absent(cpu->mmu, lin)) || decode_at(frame, &insn))
		return page_exception(cpu, frame, user);
	if (insn.address != frame->badv || (lin & PAGE_MASK) + insn.size > PAGE_SIZE)
		return page_exception(cpu, frame, user);
	write = host_insn_writes(&insn);
	if (!missed) {
		write = write || cache_point_flags(cpu, frame->era) & POINT_MODIFIES;
		if (!page_walk_denies(cpu, lin, write ? ACC_WRITE : ACC_READ, user, &error))
			return page_exception(cpu, frame, user);
		softtlb_await_page(cpu->mmu, lin);
	}
	flags = cache_settle(cpu, frame);
	if (flags < 0)
		return -EFAULT;
	return page_fault(cpu, frame, (unsigned)flags, lin, error | (write || flags & POINT_MODIFIES ? PF_W : 0) | (user ? PF_U : 0));
}

/*
 * An emulated register within one naturally aligned unit, where the access is sure to be allowed: done at once. The guest's state is not
 * needed for it, since the board sees none of it. What is none is left to page_exception().
 */
static __attribute__((noinline)) int device_or_page(struct cpu *cpu, struct trap_frame *frame, bool user)
{
	uint64_t lin = mmu_program_lin(cpu, frame->badv);
	const struct soft_page *p = softtlb_find(cpu->mmu, lin);
	const unsigned both = RIGHT(ACC_READ, user) | RIGHT(ACC_WRITE, user);
	struct host_insn insn;

	if (!p || !p->rights)
		return denied_page(cpu, frame, user);
	if (p->kind != PAGE_MMIO || (p->rights & both) != both || !mmu_canonical(lin) || decode_at(frame, &insn))
		return page_exception(cpu, frame, user);
	if (insn.op > HOST_STORE || insn.file > HOST_GPR_SIGNED || insn.address != frame->badv || lin & (insn.size - 1u))
		return page_exception(cpu, frame, user);
	uint64_t gpa = (uint64_t)p->gpn << 12 | (lin & PAGE_MASK);
	if (insn.op == HOST_STORE)
		board_mmio_write(cpu, gpa, insn.size, host_insn_extend(&insn, frame->r[insn.reg]));
	else if (insn.reg)
		frame->r[insn.reg] = host_insn_extend(&insn, board_mmio_read(cpu, gpa, insn.size));
	else
		board_mmio_read(cpu, gpa, insn.size);
	device_site_trap(cpu, frame->era);
	frame->era += 4;
	stop_if_asked(cpu, frame);
	return 0;
}

/* Exceptions that an access may end with because of its address. */
static bool is_of_access(unsigned ecode)
{
	return ecode == ECODE_TLBR || ecode == ECODE_PIL || ecode == ECODE_PIS || ecode == ECODE_PME || ecode == ECODE_PPI || ecode == ECODE_ADE || ecode == ECODE_ALE;
}

/* An access of a stub: what cannot be mapped for it is left to C, from r1 on (entry.S). Any other exception there is the firmware's own fault. */
static __attribute__((noinline)) int guarded_access(struct cpu *cpu, struct trap_frame *frame, bool user)
{
	struct access access = { .acc = access_of(frame), .user = user };
	uint64_t lin = mmu_program_lin(cpu, frame->badv);
	uint32_t error;

	if (!is_of_access(ESTAT_ECODE(frame->estat)))
		return -EFAULT;
	if (access.acc < 0 || !mmu_canonical(lin) || runs_over(frame, frame->badv) || map(cpu, frame->badv, lin, &access, &error) != MAPPED)
		frame->era = frame->r[H_RA];
	return 0;
}

static __attribute__((noinline)) int store_or_page(struct cpu *cpu, struct trap_frame *frame, bool user)
{
	const struct soft_page *p;

	if (store_beside_code(cpu, frame, user))
		return 0;
	p = softtlb_find(cpu->mmu, mmu_program_lin(cpu, frame->badv));
	return (p && !(p->rights & RIGHT(ACC_WRITE, user)) ? denied_page : page_exception)(cpu, frame, user);
}

static __attribute__((noinline)) int outside_regions(struct cpu *cpu, struct trap_frame *frame, bool user)
{
	return cache_is_guarded(cpu, frame->era) ? guarded_access(cpu, frame, user) : -EFAULT;
}

/* What comes often is in functions of its own, called last: so nothing is saved here. */
int mmu_host_fault(struct cpu *cpu, struct trap_frame *frame)
{
	bool user = (frame->prmd & PRMD_PPLV) == PRMD_PPLV;

	if (!in_translated_code(cpu, frame->era))
		return outside_regions(cpu, frame, user);
	switch (ESTAT_ECODE(frame->estat)) {
	case ECODE_TLBR:
		return denied_page(cpu, frame, user);
	case ECODE_PIL:
	case ECODE_PIS:
		return device_or_page(cpu, frame, user);
	case ECODE_PME:
		return store_or_page(cpu, frame, user);
	case ECODE_ALE:
		return emulate(cpu, frame);
	case ECODE_BCE:
		return bound_check(cpu, frame);
	case ECODE_ADE:
		return cpu->mode & MODE_LONG ? not_canonical(cpu, frame, frame->badv) : -EFAULT;
	default:
		return page_exception(cpu, frame, user);
	}
}
