/*
 * FXSAVE and FXRSTOR: the state of x87, MMX and SSE as one image (Intel SDM volume 1, 10.5); and its parts, for XSAVE.
 */
#ifndef TRANSLATOR_FXSAVE_H
#define TRANSLATOR_FXSAVE_H

#include "translator/cpu.h"

/*
 * The 512-byte image at linear address lin; wide: with REX.W, the form of 64-bit pointers. cpu->xmm must be valid before, and is after. XMM registers
 * are part of it whatever CR4.OSFXSR says. fxrstor may change cpu->mode, see mxcsr_set(). #GP(0) when lin is not 16-byte aligned or the
 * new MXCSR has reserved bits; #PF; nothing has changed then.
 */
uint64_t fxsave(struct cpu *cpu, uint64_t lin, uint64_t wide);
uint64_t fxrstor(struct cpu *cpu, uint64_t lin, uint64_t wide);

struct fximage {
	uint16_t fcw, fsw;
	uint8_t ftw, reserved1; /* one bit a register: 1 = valid */
	uint16_t fop;
	union {
		struct {
			uint32_t fip;
			uint16_t fcs, reserved2;
			uint32_t fdp;
			uint16_t fds, reserved3;
		};
		struct {
			uint64_t fip64, fdp64;
		};
	};
	uint32_t mxcsr, mxcsr_mask;
	struct {
		uint64_t mant;
		uint16_t sexp, reserved[3];
	} st[8];
	uint8_t xmm[16][16];
	uint8_t unused[96];
} __attribute__((packed));
_Static_assert(sizeof(struct fximage) == 512, "FXSAVE image");

/* x87 and MMX: from the CPU to the image, and back. */
void fximage_put_x87(struct cpu *cpu, struct fximage *m, bool wide);
void fximage_get_x87(struct cpu *cpu, const struct fximage *m, bool wide);
/* MXCSR and its mask. */
void fximage_put_mxcsr(struct cpu *cpu, struct fximage *m);
/* The XMM registers that there are: 16 in 64-bit mode, else 8. */
unsigned fximage_xmm_count(const struct cpu *cpu);

#endif
