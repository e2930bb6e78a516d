/* Offsets that assembly needs, turned into build/gen/asm-offsets.h by the Makefile. */
#include "translator/cache.h"
#include "translator/cpu.h"
#include "translator/mmu_internal.h"
#include "translator/vregs.h"

#define DEFINE(name, value) __asm__ volatile("\n.ascii \"@" #name " %0@\"" ::"i"((long)(value)))

void asm_offsets(void);
void asm_offsets(void)
{
	DEFINE(CPU_GPR, offsetof(struct cpu, gpr));
	DEFINE(CPU_EIP, offsetof(struct cpu, eip));
	DEFINE(CPU_CC_DST, offsetof(struct cpu, cc_dst));
	DEFINE(CPU_CC_SRC, offsetof(struct cpu, cc_src));
	DEFINE(CPU_CC_OP, offsetof(struct cpu, cc_op));
	DEFINE(CC_COUNT, CC_COUNT);
	DEFINE(CC_SUB, CC_SUB);
	DEFINE(CPU_STOP, offsetof(struct cpu, stop));
	DEFINE(CPU_BASE_BOUND, offsetof(struct cpu, base_bound));
	DEFINE(CPU_JC_TAG, offsetof(struct cpu, jc_tag));
	DEFINE(CPU_JC_TABLE, offsetof(struct cpu, jc_table));
	DEFINE(CPU_PROBE, offsetof(struct cpu, probe));
	DEFINE(CPU_PROBE_NONE, offsetof(struct cpu, probe_none));
	DEFINE(CPU_PROBE_USED, offsetof(struct cpu, probe_used));
	DEFINE(CPU_RECENT, offsetof(struct cpu, recent));
	DEFINE(RECENT_SIZE, sizeof(((struct cpu *)0)->recent[0]));
	DEFINE(CPU_EFLAGS, offsetof(struct cpu, eflags));
	DEFINE(CPU_STEP, offsetof(struct cpu, step));
	DEFINE(CPU_MODE, offsetof(struct cpu, mode));
	DEFINE(CPU_CPL, offsetof(struct cpu, cpl));
	DEFINE(CPU_PENDING, offsetof(struct cpu, pending));
	DEFINE(CPU_LSTAR, offsetof(struct cpu, lstar));
	DEFINE(CPU_FMASK, offsetof(struct cpu, fmask));
	DEFINE(CPU_SEG_CS, offsetof(struct cpu, seg[SEG_CS]));
	DEFINE(CPU_SYSCALL_SEG, offsetof(struct cpu, syscall_seg));
	DEFINE(CPU_SYSRET_SEG, offsetof(struct cpu, sysret_seg));
	DEFINE(FL_ARITH, FL_ARITH);
	DEFINE(FL_1, FL_1);
	DEFINE(FL_IF, FL_IF);
	DEFINE(FL_DF, FL_DF);
	DEFINE(FL_ID, FL_ID);
	DEFINE(CPU_GDTR_BASE, offsetof(struct cpu, gdtr.base));
	DEFINE(CPU_GDTR_LIMIT, offsetof(struct cpu, gdtr.limit));
	DEFINE(CPU_IDTR_BASE, offsetof(struct cpu, idtr.base));
	DEFINE(CPU_IDTR_LIMIT, offsetof(struct cpu, idtr.limit));
	DEFINE(CPU_TR_BASE, offsetof(struct cpu, seg[SEG_TR].base));
	DEFINE(CPU_TR_LIMIT, offsetof(struct cpu, seg[SEG_TR].limit));
	DEFINE(CPU_TR_ATTR, offsetof(struct cpu, seg[SEG_TR].attr));
	DEFINE(CPU_SEG_ES, offsetof(struct cpu, seg[SEG_ES]));
	DEFINE(CPU_SEG_SS, offsetof(struct cpu, seg[SEG_SS]));
	DEFINE(CPU_SEG_DS, offsetof(struct cpu, seg[SEG_DS]));
	DEFINE(CPU_SEG_FS, offsetof(struct cpu, seg[SEG_FS]));
	DEFINE(CPU_SEG_GS, offsetof(struct cpu, seg[SEG_GS]));
	DEFINE(SEG_ATTR, offsetof(struct seg, attr));
	DEFINE(SEG_BASE, offsetof(struct seg, base));
	DEFINE(SEG_RD_END, offsetof(struct seg, rd_end));
	DEFINE(SEG_WR_END, offsetof(struct seg, wr_end));
	DEFINE(CPU_SYSENTER_SEG, offsetof(struct cpu, sysenter_seg));
	DEFINE(CPU_SYSEXIT_SEG, offsetof(struct cpu, sysexit_seg));
	DEFINE(CPU_SYSENTER_ESP, offsetof(struct cpu, sysenter_esp));
	DEFINE(CPU_SYSENTER_EIP, offsetof(struct cpu, sysenter_eip));
	DEFINE(CPU_NMI_MASKED, offsetof(struct cpu, nmi_masked));
	DEFINE(FL_TF, FL_TF);
	DEFINE(FL_VM, FL_VM);
	DEFINE(FL_AC, FL_AC);
	DEFINE(FL_IOPL, FL_IOPL);
	DEFINE(FL_IF_SHIFT, __builtin_ctz(FL_IF));
	DEFINE(FL_NT_SHIFT, __builtin_ctz(FL_NT));
	DEFINE(IRET_LOADS, FL_IF | FL_DF | FL_IOPL | FL_NT | FL_VIF | FL_VIP | FL_ID);
	DEFINE(FL_RF_SHIFT, __builtin_ctz(FL_RF));
	DEFINE(SYSRET_BY_HAND, FL_TF | FL_IOPL | FL_NT | FL_AC | FL_VIF | FL_VIP);
	DEFINE(MODE_CPL_SHIFT, MODE_CPL_SHIFT);
	DEFINE(MODE_IOPL_OK_SHIFT, __builtin_ctz(MODE_IOPL_OK));
	DEFINE(MODE_AC_SHIFT, __builtin_ctz(MODE_AC));
	DEFINE(CPU_HOST_SP, offsetof(struct cpu, host_sp));
	DEFINE(CPU_TMP, offsetof(struct cpu, tmp));
	DEFINE(CPU_STOP_FN, offsetof(struct cpu, stop_fn));
	DEFINE(CPU_FIND_FN, offsetof(struct cpu, find_fn));
	DEFINE(CPU_FOLLOW_FN, offsetof(struct cpu, follow_fn));
	DEFINE(CPU_CS_BASE, offsetof(struct cpu, seg[SEG_CS].base));
	DEFINE(CPU_MMU, offsetof(struct cpu, mmu));
	DEFINE(MMU_TAG, offsetof(struct mmu, tag));
	DEFINE(MMU_TABLE, offsetof(struct mmu, table));
	DEFINE(MMU_META, offsetof(struct mmu, meta));
	DEFINE(SOFT_META_LOG2, __builtin_ctz(sizeof(struct soft_meta)));
	DEFINE(SOFT_PAGE_SIZE, sizeof(struct soft_page));
	DEFINE(SOFT_PAGE_FAST, offsetof(struct soft_page, fast));
	DEFINE(SOFT_PAGE_PA, offsetof(struct soft_page, host_pa));
	DEFINE(RIGHT_READ, RIGHT(ACC_READ, false));
	DEFINE(RIGHT_WRITE, RIGHT(ACC_WRITE, false));
	DEFINE(FL_DF_SHIFT, __builtin_ctz(FL_DF));
	DEFINE(CPU_XMM, offsetof(struct cpu, xmm));
	DEFINE(CPU_MXCSR, offsetof(struct cpu, mxcsr));
	DEFINE(CPU_X87_SW, offsetof(struct cpu, x87.sw));
	DEFINE(CPU_X87_C1, offsetof(struct cpu, x87.c1));
	DEFINE(REGION_HOST, offsetof(struct region, host));
	DEFINE(REGION_SRC, offsetof(struct region, src));
	DEFINE(REGION_COPY, offsetof(struct region, copy));
	DEFINE(REGION_LEN, offsetof(struct region, len));
	DEFINE(REGION_CS_BASE, offsetof(struct region, cs_base));
	DEFINE(REGION_EIP, offsetof(struct region, eip));
	DEFINE(REGION_GPA2, offsetof(struct region, gpa2));
	DEFINE(REGION_PROBE, offsetof(struct region, probe));
	DEFINE(JC_BITS, JC_BITS);
	DEFINE(JC_ENTRY_SIZE, sizeof(struct jc_entry));
	DEFINE(PROBE_BITS, PROBE_BITS);
	DEFINE(FCSR_TRAP_INVALID, FCSR_TRAP_INVALID);
	DEFINE(EXIT_DISPATCH, EXIT_DISPATCH);
	DEFINE(EXIT_LINK, EXIT_LINK);
	DEFINE(EXIT_JUMP, EXIT_JUMP);
	DEFINE(EXIT_DEAD, EXIT_DEAD);
}
