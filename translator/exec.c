/* The dispatcher: events between regions, entering and leaving translated code, exceptions from C. */
#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "translator/board.h"
#include "translator/cache_internal.h"
#include "translator/cpu.h"
#include "translator/debug.h"
#include "translator/fp_trap.h"
#include "translator/mmu.h"
#include "translator/seg.h"
#include "translator/vregs.h"

uint64_t enter_guest(struct cpu *cpu, const void *code, uint64_t plv);
uint64_t enter_guest_long(struct cpu *cpu, const void *code, uint64_t plv);

void cpu_exit(struct cpu *cpu)
{
	cpu->stats[STAT_EXIT_UNWIND]++;
	longjmp(cpu->unwind, 1);
}

static _Noreturn void raise_exception(struct cpu *cpu, int vector, bool has_error, uint32_t error)
{
	cpu->exc.valid = true;
	cpu->exc.vector = (uint8_t)vector;
	cpu->exc.has_error = has_error;
	cpu->exc.error = error;
	cpu_exit(cpu);
}

void cpu_raise(struct cpu *cpu, int vector)
{
	raise_exception(cpu, vector, false, 0);
}

void cpu_raise_err(struct cpu *cpu, int vector, uint32_t error)
{
	raise_exception(cpu, vector, true, error);
}

void cpu_raise_pf(struct cpu *cpu, uint64_t cr2, uint32_t error)
{
	cpu->cr2 = cr2;
	raise_exception(cpu, EXC_PF, true, error);
}

void cpu_request(struct cpu *cpu, uint32_t pend_bit)
{
	cpu->pending |= pend_bit;
	cpu->stop = 1;
	cpu->probe = cpu->probe_none;
}

/* While IF is clear nothing need stop: what sets it looks at cpu->pending. */
void cpu_set_intr(struct cpu *cpu, bool level)
{
	if (!level)
		cpu->pending &= ~PEND_INTR;
	else if (cpu->eflags & FL_IF)
		cpu_request(cpu, PEND_INTR);
	else
		cpu->pending |= PEND_INTR;
}

void cpu_pulse_nmi(struct cpu *cpu)
{
	cpu_request(cpu, PEND_NMI);
}

void cpu_set_a20(struct cpu *cpu, bool on)
{
	if (cpu->a20 == on)
		return;
	cpu->a20 = on;
	mmu_phys_map_changed();
}

static int host_trap(void *ctx, struct trap_frame *frame)
{
#define COUNTER(stat) ((stat) - STAT_TRAP_OTHER)
	static const int8_t counters[64] = {
		[ECODE_TLBR] = COUNTER(STAT_TRAP_INVALID), [ECODE_PIL] = COUNTER(STAT_TRAP_INVALID), [ECODE_PIS] = COUNTER(STAT_TRAP_INVALID),
		[ECODE_PME] = COUNTER(STAT_TRAP_PROTECTED), [ECODE_PPI] = COUNTER(STAT_TRAP_PRIVILEGE), [ECODE_ALE] = COUNTER(STAT_TRAP_UNALIGNED),
		[ECODE_FPE] = COUNTER(STAT_TRAP_FLOAT),
	};
	struct cpu *cpu = ctx;
	unsigned ecode = ESTAT_ECODE(frame->estat);

	if (ecode == ECODE_INT) {
		cache_interrupted(cpu, frame);
		return 0;
	}
	cpu->stats[STAT_TRAP_OTHER + counters[ecode]]++;
	return ecode == ECODE_FPE ? fp_trap(ctx, frame) : mmu_host_fault(ctx, frame);
}

struct cpu *cpu_create(unsigned id, uint64_t code_size)
{
	uint64_t pa = host_alloc(sizeof(struct cpu), 4096);

	if (!pa)
		return NULL;
	struct cpu *cpu = phys_cached(pa);
	cpu->id = id;
	cpu->a20 = true;
	if (mmu_init(cpu) < 0 || cache_init(cpu, code_size) < 0)
		return NULL;
	cpu_reset(cpu);
	xmm_load(cpu);
	cpu->keeps_upper = host_keeps_upper();
	cpu->asserts_unsigned = host_asserts_unsigned();
	cpu->base_bound = cpu->asserts_unsigned ? BASE_BOUND_UNSIGNED : BASE_BOUND;
	host_set_trap_handler(host_trap, cpu);
	return cpu;
}

static void handle_requests(struct cpu *cpu)
{
	if (cpu->pending & PEND_RESET) {
		cpu->pending = 0;
		cpu->exc.valid = false;
		cpu->delivering = 0;
		board_reset(cpu);
		mmu_flush(cpu, false);
		xmm_load(cpu);
	} else if (cpu->pending & PEND_INIT) {
		cpu->pending &= ~(PEND_INIT | PEND_NMI);
		cpu_init_signal(cpu);
		mmu_flush(cpu, false);
	}
	cpu->pending &= ~(PEND_FLUSH | PEND_HOST);
}

/* Delivers what is due. Returns true when something was delivered. */
static bool handle_events(struct cpu *cpu)
{
	if (cpu->exc.valid) {
		cpu->exc.valid = false;
		cpu->halted = false;
		cpu->inhibit = 0;
		cpu->stats[cpu->exc.vector == EXC_PF ? STAT_PAGE_FAULT : STAT_EXCEPTION]++;
		deliver_event(cpu, cpu->exc.vector, cpu->exc.has_error, cpu->exc.error, false);
		return true;
	}
	if (cpu->inhibit)
		return false;
	if (cpu->pending & PEND_NMI && !cpu->nmi_masked) {
		cpu->pending &= ~PEND_NMI;
		cpu->nmi_masked = true;
		cpu->halted = false;
		cpu->stats[STAT_NMI]++;
		deliver_event(cpu, EXC_NMI, false, 0, true);
		return true;
	}
	if (cpu->pending & PEND_INTR && cpu->eflags & FL_IF) {
		int vector = board_int_ack(cpu);
		if (vector < 0)
			return false;
		cpu->halted = false;
		cpu->stats[STAT_INTERRUPT]++;
		deliver_event(cpu, vector, false, 0, true);
		return true;
	}
	return false;
}

/* An indirect jump of 64-bit code that the jump cache did not know. */
static void check_jump(struct cpu *cpu)
{
	if (!mmu_canonical(cpu->eip) && cache_undo_jump(cpu, cpu->tmp[0] - 4) == 0)
		cpu_raise_err(cpu, EXC_GP, 0);
}

static void run(struct cpu *cpu)
{
	bool alone = cpu->inhibit && cpu->pending;
	bool watched = cpu->mode & (MODE_TF | MODE_DBG);
	uint64_t plv = cpu->cpl == 3 ? 3 : 0;

	cache_unstop(cpu);
	if (watched)
		debug_before_insn(cpu);
	cache_update_tag(cpu);
	if (cpu->cache->redo)
		alone = true;
	struct region *r = alone ? cache_transient(cpu) : cache_lookup(cpu);
	cpu->cache->redo = false;
	cpu->inhibit = 0;
	/* what is still pending waits for the guest (IF, the NMI's end): only news stop it */
	cpu->stop = 0;
	cache_arm_probe(cpu);
	uint64_t how = (cpu->mode & MODE_LONG ? enter_guest_long : enter_guest)(cpu, r->host, plv);
	cpu->stats[STAT_EXIT_DISPATCH + how]++;
	if (how == EXIT_LINK)
		cache_follow(cpu, cpu->tmp[0]);
	else if (how == EXIT_JUMP)
		check_jump(cpu);
	else if (how == EXIT_DEAD)
		cache_dead_entry(cpu, cpu->tmp[0] - 4);
	if (watched)
		debug_after_insn(cpu);
}

void cpu_run(struct cpu *cpu)
{
	setjmp(cpu->unwind);
	for (;;) {
		board_poll(cpu);
		if (cpu->pending & PEND_OFF)
			return;
		if (cpu->pending & ~(PEND_INTR | PEND_NMI))
			handle_requests(cpu);
		if (handle_events(cpu))
			continue;
		if (!cpu->halted) {
			run(cpu);
			continue;
		}
		cpu->stats[STAT_HALT]++;
		board_idle(cpu);
	}
}
