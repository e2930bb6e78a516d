/*
 * The state of one emulated x86 CPU, and what C code may do to it.
 *
 * Everything a virtual CPU owns hangs off one struct cpu. Translated code reaches it through host register r21, so the
 * fields that translated code touches lie within the first 2 KiB (a signed 12-bit displacement).
 */
#ifndef TRANSLATOR_CPU_H
#define TRANSLATOR_CPU_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "translator/stats.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };
enum { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_LDTR, SEG_TR, SEG_COUNT };

/* EFLAGS */
#define FL_CF 0x00000001u
#define FL_1 0x00000002u
#define FL_PF 0x00000004u
#define FL_AF 0x00000010u
#define FL_ZF 0x00000040u
#define FL_SF 0x00000080u
#define FL_TF 0x00000100u
#define FL_IF 0x00000200u
#define FL_DF 0x00000400u
#define FL_OF 0x00000800u
#define FL_IOPL 0x00003000u
#define FL_NT 0x00004000u
#define FL_RF 0x00010000u
#define FL_VM 0x00020000u
#define FL_AC 0x00040000u
#define FL_VIF 0x00080000u
#define FL_VIP 0x00100000u
#define FL_ID 0x00200000u
#define FL_ARITH (FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_OF)

#define CR0_PE 0x00000001u
#define CR0_MP 0x00000002u
#define CR0_EM 0x00000004u
#define CR0_TS 0x00000008u
#define CR0_ET 0x00000010u
#define CR0_NE 0x00000020u
#define CR0_WP 0x00010000u
#define CR0_AM 0x00040000u
#define CR0_NW 0x20000000u
#define CR0_CD 0x40000000u
#define CR0_PG 0x80000000u

#define CR4_VME 0x0001u
#define CR4_PVI 0x0002u
#define CR4_TSD 0x0004u
#define CR4_DE 0x0008u
#define CR4_PSE 0x0010u
#define CR4_PAE 0x0020u
#define CR4_MCE 0x0040u
#define CR4_PGE 0x0080u
#define CR4_PCE 0x0100u
#define CR4_OSFXSR 0x0200u
#define CR4_OSXMMEXCPT 0x0400u
#define CR4_UMIP 0x0800u
#define CR4_FSGSBASE 0x10000u
#define CR4_PCIDE 0x20000u
#define CR4_OSXSAVE 0x40000u
#define CR4_SMEP 0x100000u

#define EFER_SCE 0x001u
#define EFER_LME 0x100u
#define EFER_LMA 0x400u
#define EFER_NXE 0x800u

enum {
	EXC_DE = 0, EXC_DB = 1, EXC_NMI = 2, EXC_BP = 3, EXC_OF = 4, EXC_BR = 5, EXC_UD = 6, EXC_NM = 7, EXC_DF = 8,
	EXC_TS = 10, EXC_NP = 11, EXC_SS = 12, EXC_GP = 13, EXC_PF = 14, EXC_MF = 16, EXC_AC = 17, EXC_MC = 18, EXC_XM = 19,
};

/* #PF error code */
#define PF_P 1u
#define PF_W 2u
#define PF_U 4u
#define PF_RSVD 8u
#define PF_I 16u

/*
 * A segment register with its hidden part. `attr` is bits 8-15 and 20-23 of the descriptor's second doubleword, moved
 * down by 8: type 0-3, S 4, DPL 5-6, P 7, AVL 12, L 13, D/B 14, G 15.
 * rd_end and wr_end serve translated code: an access of n bytes at offset o is plainly legal when o + n - 1 < rd_end
 * (wr_end for stores), computed without wrap in 64 bits. They are limit + 1 for a usable expand-up segment with that right, and 0
 * whenever the slow path must decide (expand-down, null, read-only, ...).
 */
struct seg {
	uint16_t sel;
	uint16_t attr;
	uint32_t limit; /* in bytes, already scaled by G */
	uint64_t base;  /* sign-extended from 32 bits outside long mode */
	uint64_t rd_end;
	uint64_t wr_end;
};
#define SEG_ATTR_TYPE 0x000fu
#define SEG_ATTR_A 0x0001u    /* accessed */
#define SEG_ATTR_W 0x0002u    /* writable (data) / readable (code) */
#define SEG_ATTR_E 0x0004u    /* expand-down (data) / conforming (code) */
#define SEG_ATTR_CODE 0x0008u
#define SEG_ATTR_S 0x0010u
#define SEG_ATTR_DPL 0x0060u
#define SEG_ATTR_P 0x0080u
#define SEG_ATTR_L 0x2000u
#define SEG_ATTR_DB 0x4000u
#define SEG_ATTR_G 0x8000u
#define SEG_DPL(s) (((s)->attr & SEG_ATTR_DPL) >> 5)

/*
 * What changes the meaning of translated code. Part of every translation's key; recomputed by cpu_update_mode().
 */
#define MODE_CS32 0x0001u      /* CS.D: 32-bit default sizes */
#define MODE_SS32 0x0002u      /* SS.B: 32-bit stack pointer */
#define MODE_PE 0x0004u        /* CR0.PE and not V86 */
#define MODE_VM 0x0008u        /* virtual-8086 */
#define MODE_CPL 0x0030u       /* CPL, 2 bits */
#define MODE_CPL_SHIFT 4
#define MODE_CS_FLAT 0x0040u   /* CS base 0, limit 4 GiB */
#define MODE_SS_FLAT 0x0080u   /* base 0, limit 4 GiB, readable and writable */
#define MODE_DS_FLAT 0x0100u
#define MODE_ES_FLAT 0x0200u
#define MODE_PG 0x1000u        /* paging on */
#define MODE_FPU_TRAP 0x2000u  /* x87/MMX raises #NM: CR0.EM or CR0.TS */
#define MODE_SSE_TRAP 0x4000u  /* SSE raises #NM or #UD */
#define MODE_TF 0x8000u        /* single-step: one instruction a region */
#define MODE_IOPL_OK 0x10000u  /* CPL <= IOPL: CLI, STI, IN, OUT are allowed without a further look */
#define MODE_DBG 0x20000u      /* some DR7 breakpoint is enabled: one instruction a region, checked */
#define MODE_AC 0x40000u       /* alignment checking is on (CR0.AM, EFLAGS.AC, CPL 3) */
#define MODE_LONG 0x80000u     /* 64-bit code: EFER.LMA and CS.L. All segments but FS and GS count as flat */
#define MODE_SSE_SLOW 0x100000u /* MXCSR unmasks an exception or sets DAZ or FTZ: SSE arithmetic is done in C */
#define MODE_LMA 0x200000u     /* EFER.LMA: long mode is active; without MODE_LONG it is compatibility mode */

/* With both set, what the jump cache knows of a linear address stays right until the mapping changes; else it is compared at each use. */
#define MODE_TRUSTED (MODE_PG | MODE_CS_FLAT)
/* Whether exits look into a probe table: where an EIP is a linear address. Without MODE_TRUSTED only those that stay in the page, as a link is not compared either. */
static inline bool mode_probes(uint32_t mode) { return mode & MODE_CS_FLAT; }

/*
 * Arithmetic flags are lazy: cc_op says how to read cc_dst and cc_src. Values are sign-extended to 64 bits from their
 * operand size. cpu_get_eflags() makes them real.
 * The operand size is part of cc_op: CC_xxx + log2(bytes); CC_EFLAGS and CC_MULT have no size.
 */
enum {
	CC_EFLAGS = 0,  /* cc_dst holds CF PF AF ZF SF OF in their EFLAGS places */
	CC_ADD = 4,     /* cc_dst = result, cc_src = second operand */
	CC_SUB = 8,     /* cc_dst = result, cc_src = second operand (subtrahend) */
	CC_LOGIC = 12,  /* cc_dst = result; CF = OF = 0, AF = 0 */
	CC_INC = 16,    /* cc_dst = result, cc_src = old CF (0 or 1) */
	CC_DEC = 20,    /* cc_dst = result, cc_src = old CF (0 or 1) */
	CC_SHL = 24,    /* cc_dst = result, cc_src = operand shifted by count - 1 (its sign bit is CF); OF = SF(res) ^ CF */
	CC_SHR = 28,    /* cc_dst = result, cc_src = operand shifted right by count - 1 (bit 0 is CF); OF = SF(cc_src) ^ SF(res); AF = 0 */
	CC_CARRY = 32,  /* cc_dst = result, cc_src = vector of carries (or borrows) out of every bit: CF = top bit, OF = top ^ next, AF = bit 3 */
	CC_MUL = 36,    /* cc_dst = low half of the product, cc_src = 0 unless CF = OF = 1 */
	CC_COUNT = 40,
};

/* Why the CPU must leave translated code (cpu->pending, a bit set; any bit non-zero also sets the stop register). */
#define PEND_INTR 0x01u   /* the INTR input is high */
#define PEND_NMI 0x02u
#define PEND_RESET 0x04u  /* whole machine */
#define PEND_INIT 0x08u
#define PEND_HOST 0x10u   /* a host interrupt waits for board_poll() */
#define PEND_FLUSH 0x20u  /* the code cache or physical map changed under the running region */
#define PEND_SIPI 0x40u
#define PEND_OFF 0x80u    /* power off */

struct x87 { /* see x87.h */
	struct { uint64_t mant; uint16_t sexp; } st[8]; /* physical registers R0-R7, not rotated by TOP */
	/* eight bytes that translated code compares in one, x87_word(): what it was specialised for */
	uint8_t tag_empty;  /* bit n: physical register n is empty */
	uint8_t top;
	uint8_t ctl;        /* X87_CTL_xxx, made from cw and sw */
	uint8_t es;         /* 1 when SW_ES is set */
	uint8_t doubles;    /* bit n: physical register n is not in st[n], but as a double in a register of the host's (x87_double.h) */
	uint8_t zero[3];
	uint8_t c1;         /* condition code C1: 0 or 1, or how to find it: X87_C1_xxx (x87_double.h) ... */
	uint64_t c1_of[2];  /* ... from these doubles */
	uint32_t fcsr;      /* FCSR of SSE while code that works on doubles has its own */
	uint16_t cw;
	uint16_t sw;        /* the status word but for TOP and C1 */
	uint16_t fop;
	uint16_t fcs, fds;
	uint64_t fip, fdp;
};

struct cpu {
	/* touched by translated code: keep the order, offsets are used by entry.S through asm-offsets.h */
	uint64_t gpr[16];     /* valid only in C (helpers, dispatcher); in translated code they are host registers */
	uint64_t eip;         /* the instruction being executed (in helpers) or next to execute (in the dispatcher) */
	uint64_t cc_dst, cc_src;
	uint32_t cc_op;
	uint32_t eflags;      /* the flags outside FL_ARITH; FL_1 always set, FL_ARITH bits always clear */
	int32_t step;         /* 1, or -1 while EFLAGS.DF is set: what string instructions add to (E)SI and (E)DI for each byte */
	uint32_t pending;     /* PEND_xxx */
	uint32_t stop;        /* 1 since something became pending or a host interrupt came: the stop register is loaded with 0 then, and host
			       * interrupts stay off when C returns to translated code; else it is loaded with base_bound, and they are on */
	bool keeps_upper;      /* host_keeps_upper(): how scalar doubles are computed (gen_sse_fp.c) */
	bool asserts_unsigned; /* host_asserts_unsigned(): how base addresses are compared with the stop register (gen_check.c) */
	uint64_t base_bound;  /* BASE_BOUND or BASE_BOUND_UNSIGNED */
	uint32_t mode;        /* MODE_xxx */
	uint64_t jc_tag;      /* what jump cache entries of the current context and mode carry in their upper 16 bits */
	struct jc_entry *jc_table; /* cache.h */
	struct probe_entry *probe, *probe_none; /* the probe table of the current mode, and the empty one: the former becomes the latter to stop */
	struct probe_entry **probe_used;        /* where the address of the next entry of a probe table goes that gets filled */
	struct { uint64_t mode, tag; struct probe_entry *probe; } recent[4]; /* jc_tag and probe of the mode used last, by cache_stub_set(); mode 0: none */
	struct mmu *mmu;
	void (*stop_fn)(struct cpu *cpu, uint64_t pc); /* cache_stop(), for stubs */
	const uint32_t *(*find_fn)(struct cpu *cpu), *(*follow_fn)(struct cpu *cpu); /* cache_find(), cache_follow_at_once(), for stubs */
	uint64_t host_sp;     /* the dispatcher's stack pointer while translated code runs */
	uint64_t tmp[8];      /* scratch of translated code, dead between guest instructions */
	struct seg seg[SEG_COUNT];
	struct { struct seg cs, ss; } syscall_seg, sysret_seg, sysenter_seg, sysexit_seg; /* what SYSCALL, SYSRET to
			       * 64-bit code, and out of long mode SYSENTER and SYSEXIT load (fastcall.c); CS 0: not in assembly */
	uint32_t mxcsr;       /* without the exception flags that still are in the host's FCSR: see mxcsr.h */
	uint32_t inhibit;     /* 1: interrupts wait until one more instruction has been executed (STI, MOV SS, POP SS) */
	uint8_t xmm[16][16] __attribute__((aligned(16))); /* valid only where a helper asked for it, and in the dispatcher */
	struct x87 x87;

	/* C only */
	uint64_t cr0, cr2, cr3, cr4, efer;
	uint64_t xcr0;        /* the states that XSAVE works on: see xsave.h */
	uint64_t dr[8];
	struct { uint64_t base; uint32_t limit; } gdtr, idtr;
	uint64_t star, lstar, cstar, fmask, kernel_gs_base, tsc_aux;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip, pat, misc_enable, ucode_rev, mcg_status;
	uint64_t apic_base;
	int64_t tsc_offset;   /* in TSC ticks */
	uint64_t tsc_adjust;
	unsigned cpl;
	unsigned id;          /* APIC id */
	bool halted;
	bool nmi_masked;
	bool a20;             /* false: address bit 20 is forced to 0 */
	struct { bool valid; uint8_t vector; bool has_error; uint32_t error; bool soft; uint8_t soft_len; } exc; /* waits for delivery */
	uint8_t delivering;   /* 0: nothing, else 1 + vector of the event being delivered (double-fault logic) */
	struct {
		bool step;        /* TF was set when the current instruction began: single-step trap after it */
		bool sti_shadow;  /* cpu->inhibit was set by STI, which unlike MOV SS does not hold debug traps back */
		bool set_rf;      /* the #DB being raised is of the fault class that sets RF (general detect) */
		uint8_t hits;     /* DR6.B0-B3 of data and I/O breakpoints met by the current instruction */
	} debug;                  /* see debug.h */
	struct {
		uint64_t def_type, fixed[11], base[8], mask[8];
	} mtrr;               /* stored and read back; memory types have no effect */
	jmp_buf unwind;       /* cpu_raise() and cpu_exit() come back to the dispatcher here */
	struct code_cache *cache;
	struct lapic *lapic;
	struct profile *profile; /* NULL while the profiler is off */
	uint64_t stats[STAT_COUNT];
};

/* Sign-extends a 32-bit value to the form in which 32-bit code keeps its registers. */
static inline uint64_t sx32(uint64_t v) { return (uint64_t)(int64_t)(int32_t)v; }

/*
 * Ends the current instruction with a fault: the dispatcher delivers it with cpu->eip as the saved EIP. Does not return.
 * Call only from C that runs below the dispatcher (helpers), with guest state in *cpu.
 * cpu_raise is for exceptions without an error code, cpu_raise_err with one; cpu_raise_pf also sets CR2.
 */
_Noreturn void cpu_raise(struct cpu *cpu, int vector);
_Noreturn void cpu_raise_err(struct cpu *cpu, int vector, uint32_t error);
_Noreturn void cpu_raise_pf(struct cpu *cpu, uint64_t cr2, uint32_t error);
/* Drops the rest of the current translated region; execution goes on at cpu->eip, which the caller has set. */
_Noreturn void cpu_exit(struct cpu *cpu);

/* EFLAGS with all arithmetic flags made real. */
uint32_t cpu_get_eflags(const struct cpu *cpu);
/* Replaces the flags in `mask` by those of `value` (arithmetic ones included), and updates the mode. */
void cpu_set_eflags(struct cpu *cpu, uint32_t value, uint32_t mask);
/* The arithmetic flags that (op, dst, src) stand for. */
uint32_t cc_compute(uint32_t op, uint64_t dst, uint64_t src);
/*
 * Recomputes cpu->mode from segments, CR0, CR4, EFER, EFLAGS, DR7 and CPL; call after changing any of them. Where code becomes 64-bit code by
 * it (MODE_LONG) EAX-EDI but for RSP are zero-extended, where it ceases to be they are sign-extended, as such code keeps them; R8-R15
 * stay as they are. RSP is left to who changes CS: by then it holds the full 64 bits of 64-bit code, see cpu_widen_rsp().
 */
void cpu_update_mode(struct cpu *cpu);
/* On the way to 64-bit code where RSP gets no new value: zero-extends it if the CPU is not in 64-bit code yet. Before cpu_update_mode(). */
void cpu_widen_rsp(struct cpu *cpu);
/* rd_end and wr_end of a segment from its other fields. */
void seg_update(struct seg *s);

/* Sets the register to a value of `size` bytes: 1 and 2 keep the upper bits, 4 sign-extends (zero-extends in 64-bit mode). idx 4-7
 * with size 1 is AH..BH; the byte registers of REX code are a later issue. */
void cpu_set_gpr(struct cpu *cpu, int idx, int size, uint64_t value);
/* Reads the low `size` bytes of a register, zero-extended; byte registers as above. */
uint64_t cpu_get_gpr(const struct cpu *cpu, int idx, int size);

/* Power-on state (Intel SDM 3A, 9.1.1). */
void cpu_reset(struct cpu *cpu);
/* INIT: as reset, but x87, SSE and most MSRs keep their values. */
void cpu_init_signal(struct cpu *cpu);

/* What the board asks of a CPU; safe at any time from C on that host CPU. Level-triggered INTR; edge NMI. */
void cpu_set_intr(struct cpu *cpu, bool level);
void cpu_pulse_nmi(struct cpu *cpu);
void cpu_request(struct cpu *cpu, uint32_t pend_bit); /* PEND_RESET, PEND_INIT, PEND_SIPI, PEND_OFF, PEND_FLUSH */
void cpu_set_a20(struct cpu *cpu, bool on);           /* flushes translations of addresses */

/* The vector registers to or from cpu->xmm; for reset and for inspection from the dispatcher. xmm_load also gives FCSR the rounding mode
 * of cpu->mxcsr, and no flags. */
void xmm_load(struct cpu *cpu);
void xmm_store(struct cpu *cpu);

/* Makes a CPU with APIC id `id` and its MMU and code cache (code_size: bytes of code, a power of two up to 64 MiB), in reset state. NULL
 * when memory is short. */
struct cpu *cpu_create(unsigned id, uint64_t code_size);

/* Runs the CPU until it is powered off (returns) or reset (handles it itself by board_reset()). */
void cpu_run(struct cpu *cpu);

#endif
