/* Executes one host memory instruction of "translated code" on the model machine, faults included. After the MMU's sources. */
#ifndef TESTS_MMU_HOST_MODEL_H
#define TESTS_MMU_HOST_MODEL_H

#include "tests/unit/mmu_model.h"

enum { RAN, RAISED, EXITED, STUCK, BROKEN };

static struct trap_frame model_frame;
static unsigned model_faults;
static uint64_t model_badv_bias; /* 1: BADV names the first byte of a crossing access whatever page failed */
static bool model_hole; /* addresses from 2^47 to 2^48 - 1 and their mirror reach the refill handler, as on QEMU */

/* Ecode of an access to the page of va, or 0; *host is where it leads. */
static inline unsigned model_access(uint64_t va, bool write, bool user, uint64_t *host)
{
	const struct model_tlb *t;
	uint64_t elo;

	if ((int64_t)va >> (model_hole ? 48 : 47) != 0 && (int64_t)va >> (model_hole ? 48 : 47) != -1)
		return ECODE_ADE;
	t = model_lookup(va);
	if (!t)
		return ECODE_TLBR;
	elo = t->elo[va >> 12 & 1];
	if (!(elo & TLBELO_V))
		return write ? ECODE_PIS : ECODE_PIL;
	if (user && (elo & TLBELO_PLV3) != TLBELO_PLV3)
		return ECODE_PPI;
	if (write && !(elo & TLBELO_D))
		return ECODE_PME;
	*host = (elo & PHYS_HOST) | (va & PAGE_MASK);
	return 0;
}

static inline int model_run(uint32_t word, bool user)
{
	struct trap_frame *f = &model_frame;
	int how = setjmp(the_cpu.unwind);

	if (how)
		return how == 1 ? RAISED : EXITED;
	raised = false;
	fake_code[0] = word;
	f->era = (uintptr_t)fake_code;
	f->prmd = user ? 3 : 0;
	for (unsigned tries = 0; tries < 12; tries++) {
		uint8_t buf[16];
		uint64_t host[2] = { 0, 0 };
		struct host_insn i;
		unsigned ecode, first;

		if (host_insn_decode(word, f, &i))
			return BROKEN;
		first = (i.address & PAGE_MASK) + i.size > PAGE_SIZE ? PAGE_SIZE - (i.address & PAGE_MASK) : i.size;
		f->badv = i.address;
		ecode = model_access(i.address, host_insn_writes(&i), user, &host[0]);
		if (!ecode && first < i.size) {
			ecode = model_access(i.address + first, host_insn_writes(&i), user, &host[1]);
			f->badv += model_badv_bias ? 0 : first;
		}
		if (ecode) {
			model_faults++;
			f->estat = (uint64_t)ecode << 16;
			if (mmu_host_fault(&the_cpu, f))
				return BROKEN;
			if (f->era != (uintptr_t)fake_code)
				return RAN;
			continue;
		}
		if (host_insn_writes(&i)) {
			host_insn_source(&i, f, buf);
			memcpy(host_ptr(host[0]), buf, first);
			memcpy(host_ptr(host[1]), buf + first, i.size - first);
		} else {
			memcpy(buf, host_ptr(host[0]), first);
			memcpy(buf + first, host_ptr(host[1]), i.size - first);
			host_insn_result(&i, f, buf);
		}
		return RAN;
	}
	return STUCK;
}

#endif
