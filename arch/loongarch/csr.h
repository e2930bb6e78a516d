/*
 * Control and status registers (LoongArch Reference Manual, volume 1, section 7) and the instructions that touch them.
 * Usable from C and from assembly.
 */
#ifndef ARCH_CSR_H
#define ARCH_CSR_H

#define CSR_CRMD 0x0
#define CSR_PRMD 0x1
#define CSR_EUEN 0x2
#define CSR_MISC 0x3
#define CSR_ECFG 0x4
#define CSR_ESTAT 0x5
#define CSR_ERA 0x6
#define CSR_BADV 0x7
#define CSR_BADI 0x8
#define CSR_EENTRY 0xc
#define CSR_TLBIDX 0x10
#define CSR_TLBEHI 0x11
#define CSR_TLBELO0 0x12
#define CSR_TLBELO1 0x13
#define CSR_ASID 0x18
#define CSR_PGDL 0x19
#define CSR_PGDH 0x1a
#define CSR_PGD 0x1b
#define CSR_PWCL 0x1c
#define CSR_PWCH 0x1d
#define CSR_STLBPS 0x1e
#define CSR_CPUID 0x20
#define CSR_PRCFG1 0x21
#define CSR_PRCFG2 0x22
#define CSR_PRCFG3 0x23
#define CSR_SAVE0 0x30 /* exception entry: r21 */
#define CSR_SAVE1 0x31 /* exception entry: scratch */
#define CSR_SAVE2 0x32 /* refill: scratch */
#define CSR_SAVE3 0x33 /* refill: scratch */
#define CSR_SAVE4 0x34 /* refill: physical address of the software TLB */
#define CSR_SAVE5 0x35 /* refill: context number, as it stands in a tag */
#define CSR_SAVE6 0x36 /* syscall gate: scratch */
#define CSR_TID 0x40
#define CSR_TCFG 0x41
#define CSR_TVAL 0x42
#define CSR_TICLR 0x44
#define CSR_LLBCTL 0x60
#define CSR_TLBRENTRY 0x88
#define CSR_TLBRBADV 0x89
#define CSR_TLBRERA 0x8a
#define CSR_TLBRSAVE 0x8b
#define CSR_TLBRELO0 0x8c
#define CSR_TLBRELO1 0x8d
#define CSR_TLBREHI 0x8e
#define CSR_TLBRPRMD 0x8f
#define CSR_DMW0 0x180
#define CSR_DMW1 0x181
#define CSR_DMW2 0x182
#define CSR_DMW3 0x183

/*
 * The direct-mapped windows: VSEG 9 cached, VSEG 8 strongly ordered uncached. Translated code of ring 3 runs in the cached one and reaches
 * struct cpu there, so that is open to PLV0 and PLV3, and 64-bit program code is kept out of it by checks (docs/memory-map.md).
 */
#define DMW_CACHED 0x9000000000000000
#define DMW_UNCACHED 0x8000000000000000
#define DMW_CACHED_CONFIG 0x9000000000000019   /* VSEG 9, coherent cached, PLV0 and PLV3 */
#define DMW_UNCACHED_CONFIG 0x8000000000000001 /* VSEG 8, strongly ordered uncached, PLV0 */

#define CRMD_PLV 0x3
#define CRMD_IE 0x4
#define CRMD_RUN 0xb0 /* the firmware's C: PLV0, IE = 0, PG = 1, DATF = DATM = coherent cached */
#define PRMD_PPLV 0x3
#define PRMD_PIE 0x4

#define TLBRERA_MISS 0x1 /* ertn returns from the refill handler */

#define EUEN_FPE 0x1
#define EUEN_SXE 0x2

/* ECFG.LIE and ESTAT.IS: interrupt lines; ECFG.VS: vectors 2^VS instructions apart */
#define IS_HWI(n) (0x4 << (n))
#define IS_TIMER 0x800
#define IS_IPI 0x1000
#define ECFG_LIE 0x1fff
#define ECFG_VS_SHIFT 16
#define ESTAT_ECODE(e) ((e) >> 16 & 0x3f)
#define ESTAT_SUBCODE(e) ((e) >> 22 & 0x1ff)

/* ESTAT.Ecode */
#define ECODE_INT 0x0
#define ECODE_PIL 0x1
#define ECODE_PIS 0x2
#define ECODE_PIF 0x3
#define ECODE_PME 0x4
#define ECODE_PNR 0x5
#define ECODE_PNX 0x6
#define ECODE_PPI 0x7
#define ECODE_ADE 0x8 /* subcode 0: fetch, 1: memory access */
#define ECODE_ALE 0x9
#define ECODE_BCE 0xa
#define ECODE_SYS 0xb
#define ECODE_BRK 0xc
#define ECODE_INE 0xd
#define ECODE_IPE 0xe
#define ECODE_FPD 0xf
#define ECODE_SXD 0x10
#define ECODE_ASXD 0x11
#define ECODE_FPE 0x12
#define ECODE_TLBR 0x3f /* TLB miss; never in ESTAT, but in frames (vectors.S) */

#define TCFG_EN 0x1
#define TLB_PS_4K 12

/* TLBELO / TLBRELO */
#define TLBELO_V 0x1
#define TLBELO_D 0x2
#define TLBELO_PLV3 0xc
#define TLBELO_MAT_CC 0x10
#define TLBELO_MAT_SUC 0x0
#define TLBELO_G 0x40

#ifndef __ASSEMBLER__
#include <stdint.h>
#define csr_read(n) ({ uint64_t v_; __asm__ volatile("csrrd %0, %1" : "=r"(v_) : "i"(n) : "memory"); v_; })
#define csr_write(n, x) ({ uint64_t v_ = (x); __asm__ volatile("csrwr %0, %1" : "+r"(v_) : "i"(n) : "memory"); v_; })
#define csr_xchg(n, mask, x) \
	({ uint64_t v_ = (x); __asm__ volatile("csrxchg %0, %1, %2" : "+r"(v_) : "r"((uint64_t)(mask)), "i"(n) : "memory"); v_; })
#define iocsr_read32(a) ({ uint32_t v_; __asm__ volatile("iocsrrd.w %0, %1" : "=r"(v_) : "r"((uint64_t)(a)) : "memory"); v_; })
#define iocsr_read64(a) ({ uint64_t v_; __asm__ volatile("iocsrrd.d %0, %1" : "=r"(v_) : "r"((uint64_t)(a)) : "memory"); v_; })
#define iocsr_write32(a, x) __asm__ volatile("iocsrwr.w %0, %1" ::"r"((uint32_t)(x)), "r"((uint64_t)(a)) : "memory")
#define iocsr_write64(a, x) __asm__ volatile("iocsrwr.d %0, %1" ::"r"((uint64_t)(x)), "r"((uint64_t)(a)) : "memory")
#define cpucfg(n) ({ uint32_t v_; __asm__ volatile("cpucfg %0, %1" : "=r"(v_) : "r"((uint64_t)(n))); v_; })
#define invtlb(op, asid, va) \
	__asm__ volatile("invtlb %0, %1, %2" ::"i"(op), "r"((uint64_t)(asid)), "r"((uint64_t)(va)) : "memory")
#define ibar() __asm__ volatile("ibar 0" ::: "memory")
#define dbar() __asm__ volatile("dbar 0" ::: "memory")
static inline void *phys_cached(uint64_t pa) { return (void *)(DMW_CACHED | pa); }
static inline volatile void *phys_uncached(uint64_t pa) { return (volatile void *)(DMW_UNCACHED | pa); }
static inline uint64_t virt_to_phys(const volatile void *va) { return (uint64_t)va & 0xffffffffffffull; }
#endif

#endif
