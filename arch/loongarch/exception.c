#include "arch/loongarch/exception.h"

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "arch/loongarch/refill.h"

#define CHECK(field, offset) _Static_assert(__builtin_offsetof(struct trap_frame, field) == (offset), #field)
CHECK(era, FRAME_ERA);
CHECK(prmd, FRAME_PRMD);
CHECK(estat, FRAME_ESTAT);
CHECK(badv, FRAME_BADV);
_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "frame");

extern char exception_vectors[];

/* As vectors.S reads it. */
struct {
	trap_fn fn;
	void *ctx;
} exception_handler;

/* Reference manual, volume 1, table 7-8. */
static const char *const names[64] = {
	[ECODE_INT] = "interrupt",
	[ECODE_PIL] = "load from an invalid page",
	[ECODE_PIS] = "store to an invalid page",
	[ECODE_PIF] = "fetch from an invalid page",
	[ECODE_PME] = "store to a read-only page",
	[ECODE_PNR] = "load from a non-readable page",
	[ECODE_PNX] = "fetch from a non-executable page",
	[ECODE_PPI] = "page privilege violation",
	[ECODE_ADE] = "address error",
	[ECODE_ALE] = "unaligned access",
	[ECODE_BCE] = "bound check",
	[ECODE_SYS] = "system call at PLV0",
	[ECODE_BRK] = "breakpoint",
	[ECODE_INE] = "instruction does not exist",
	[ECODE_IPE] = "privileged instruction",
	[ECODE_FPD] = "floating point disabled",
	[ECODE_SXD] = "LSX disabled",
	[ECODE_ASXD] = "LASX disabled",
	[ECODE_FPE] = "floating point exception",
	[ECODE_TLBR] = "TLB miss",
};

void host_set_trap_handler(trap_fn fn, void *ctx)
{
	exception_handler.fn = fn;
	exception_handler.ctx = ctx;
}

static int note_bound_check(void *raised, struct trap_frame *frame)
{
	if (ESTAT_ECODE(frame->estat) != ECODE_BCE)
		return -1;
	*(bool *)raised = true;
	frame->era += 4;
	return 0;
}

bool host_asserts_unsigned(void)
{
	bool raised = false;

	host_set_trap_handler(note_bound_check, &raised);
	__asm__ volatile("asrtle.d %0, $zero" : : "r"(-1l) : "memory");
	host_set_trap_handler(NULL, NULL);
	return raised;
}

/* Called by vectors.S for what nobody handles. */
_Noreturn void exception_panic(struct trap_frame *frame);
void exception_panic(struct trap_frame *frame)
{
	unsigned ecode = ESTAT_ECODE(frame->estat);

	panic(frame, "host exception %#x.%u: %s", ecode, (unsigned)ESTAT_SUBCODE(frame->estat),
	      names[ecode] ? names[ecode] : "unknown");
}

void exception_init(void)
{
	csr_write(CSR_ECFG, (uint64_t)EXCEPTION_VS << ECFG_VS_SHIFT);
	csr_write(CSR_EENTRY, (uint64_t)exception_vectors);
	csr_write(CSR_TLBRENTRY, virt_to_phys(refill_entry));
	csr_write(CSR_STLBPS, TLB_PS_4K);
	csr_write(CSR_TLBREHI, TLB_PS_4K);
	csr_write(CSR_TLBIDX, (uint64_t)TLB_PS_4K << 24);
	csr_write(CSR_ASID, 0);
	csr_write(CSR_EUEN, EUEN_FPE | EUEN_SXE);
	__asm__ volatile("movgr2fcsr $fcsr0, $zero");
	invtlb(0, 0, 0);
}
