#include "translator/fxsave.h"

#include <string.h>

#include "translator/mmu.h"
#include "translator/mxcsr.h"
#include "translator/x87.h"

/* Memory layout of the 32-bit form. */
struct image {
	uint16_t fcw, fsw;
	uint8_t ftw, reserved1; /* one bit a register: 1 = valid */
	uint16_t fop;
	uint32_t fip;
	uint16_t fcs, reserved2;
	uint32_t fdp;
	uint16_t fds, reserved3;
	uint32_t mxcsr, mxcsr_mask;
	struct {
		uint64_t mant;
		uint16_t sexp, reserved[3];
	} st[8];
	uint8_t xmm[16][16];
	uint8_t unused[96];
} __attribute__((packed));
_Static_assert(sizeof(struct image) == 512, "FXSAVE image");

#define XMM_COUNT32 8 /* outside 64-bit mode */

static void check_alignment(struct cpu *cpu, uint64_t lin)
{
	if (lin & 15)
		cpu_raise_err(cpu, EXC_GP, 0);
}

uint64_t fxsave(struct cpu *cpu, uint64_t lin)
{
	const struct x87 *f = &cpu->x87;
	struct image m;
	unsigned nxmm = cpu->mode & MODE_LONG ? 16 : XMM_COUNT32;

	check_alignment(cpu, lin);
	/* what lies outside the registers keeps its value */
	mem_probe(cpu, lin, sizeof(m), ACC_WRITE);
	mem_read(cpu, lin, &m, sizeof(m), 0);
	m.fcw = f->cw;
	m.fsw = f->sw;
	m.ftw = (uint8_t)~f->tag_empty;
	m.reserved1 = 0;
	m.fop = f->fop;
	m.fip = (uint32_t)f->fip;
	m.fcs = f->fcs;
	m.fdp = (uint32_t)f->fdp;
	m.fds = f->fds;
	m.reserved2 = m.reserved3 = 0;
	m.mxcsr = mxcsr_get(cpu);
	m.mxcsr_mask = MXCSR_MASK;
	for (unsigned i = 0; i < 8; i++) {
		struct f80 v = x87_get(cpu, i);

		m.st[i].mant = v.mant;
		m.st[i].sexp = v.sexp;
		memset(m.st[i].reserved, 0, sizeof(m.st[i].reserved));
	}
	memcpy(m.xmm, cpu->xmm, nxmm * 16);
	mem_write(cpu, lin, &m, sizeof(m), 0);
	return 0;
}

uint64_t fxrstor(struct cpu *cpu, uint64_t lin)
{
	struct x87 *f = &cpu->x87;
	struct image m;
	unsigned nxmm = cpu->mode & MODE_LONG ? 16 : XMM_COUNT32;

	check_alignment(cpu, lin);
	mem_read(cpu, lin, &m, sizeof(m), 0);
	if (m.mxcsr & ~MXCSR_MASK)
		cpu_raise_err(cpu, EXC_GP, 0);
	f->fop = m.fop & 0x7ff;
	f->fip = m.fip;
	f->fcs = m.fcs;
	f->fdp = m.fdp;
	f->fds = m.fds;
	x87_set_cw(cpu, m.fcw);
	x87_set_sw(cpu, m.fsw);
	for (unsigned i = 0; i < 8; i++)
		x87_put(cpu, i, (struct f80){ m.st[i].mant, m.st[i].sexp });
	f->tag_empty = (uint8_t)~m.ftw;
	mxcsr_set(cpu, m.mxcsr);
	memcpy(cpu->xmm, m.xmm, nxmm * 16);
	return 0;
}
