/*
 * Entering translated code, and the stubs: code between the dispatcher and translated code. What lies from stubs_start to stubs_end is copied to the
 * front of the code cache, so that translated code reaches it by a plain branch: it must be position independent and refer to data through
 * r21 (struct cpu) only.
 */
#include "arch/loongarch/csr.h"
#include "arch/loongarch/refill.h"
#include "asm-offsets.h"
#include "translator/stubs/macros.inc"

#define FRAME 96

	.text
/* uint64_t enter_guest(struct cpu *cpu, const void *code, uint64_t plv), enter_guest_long() for 64-bit code: EXIT_xxx, with the return
 * address of the exit in cpu->tmp[0].
 * Runs translated code until it leaves through a stub; interrupts are on meanwhile. cpu->xmm is live across it. */
	.macro enter name, long
	.globl	\name
\name:
	addi.d	$sp, $sp, -FRAME
	st.d	$ra, $sp, 0
	st.d	$fp, $sp, 8
	st.d	$s0, $sp, 16
	st.d	$s1, $sp, 24
	st.d	$s2, $sp, 32
	st.d	$s3, $sp, 40
	st.d	$s4, $sp, 48
	st.d	$s5, $sp, 56
	st.d	$s6, $sp, 64
	st.d	$s7, $sp, 72
	st.d	$s8, $sp, 80
	move	$r21, $a0
	st.d	$sp, $r21, CPU_HOST_SP
	csrwr	$a1, CSR_ERA
	ori	$a2, $a2, PRMD_PIE
	csrwr	$a2, CSR_PRMD
	load_guest \long
	ertn
	.endm

	enter enter_guest, 0
	enter enter_guest_long, 1

	.balign	64
	.globl	stubs_start, stubs_end
stubs_start:
#include "translator/stubs/exit.inc"
#include "translator/stubs/helper.inc"
#include "translator/stubs/jump.inc"
#include "translator/stubs/fastcall.inc"
#include "translator/stubs/segments.inc"
#include "translator/stubs/sysenter.inc"
	/*
	 * These access guest memory by its linear address, all but string.inc and search.inc at PLV0. Such an access may fault: when the page cannot be mapped for it,
	 * mmu_host_fault() goes on at r1, where the guest's registers are as they were, or tell how far it has come.
	 */
	.globl	guarded_start, guarded_end
guarded_start:
#include "translator/stubs/interrupt.inc"
#include "translator/stubs/iret.inc"
#include "translator/stubs/segment.inc"
#include "translator/stubs/string.inc"
#include "translator/stubs/search.inc"
guarded_end:
#include "translator/stubs/flags.inc"
stubs_end:
