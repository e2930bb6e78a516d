#include "translator/fxsave.h"

#include <string.h>

#include "translator/mmu.h"
#include "translator/mxcsr.h"
#include "translator/x87.h"

static void check_alignment(struct cpu *cpu, uint64_t lin)
{
	if (lin & 15)
		cpu_raise_err(cpu, EXC_GP, 0);
}

unsigned fximage_xmm_count(const struct cpu *cpu)
{
	return cpu->mode & MODE_LONG ? 16 : 8;
}

static void put_pointers(const struct x87 *f, struct fximage *m, bool wide)
{
	if (wide) {
		m->fip64 = f->fip;
		m->fdp64 = f->fdp;
		return;
	}
	m->fip = (uint32_t)f->fip;
	m->fcs = f->fcs;
	m->fdp = (uint32_t)f->fdp;
	m->fds = f->fds;
	m->reserved2 = m->reserved3 = 0;
}

/* The selectors are not in the wide form, and become 0. */
static void get_pointers(struct x87 *f, const struct fximage *m, bool wide)
{
	f->fip = wide ? m->fip64 : m->fip;
	f->fdp = wide ? m->fdp64 : m->fdp;
	f->fcs = wide ? 0 : m->fcs;
	f->fds = wide ? 0 : m->fds;
}

void fximage_put_x87(struct cpu *cpu, struct fximage *m, bool wide)
{
	const struct x87 *f = &cpu->x87;

	x87_spill(cpu);
	m->fcw = f->cw;
	m->fsw = x87_sw(cpu);
	m->ftw = (uint8_t)~f->tag_empty;
	m->reserved1 = 0;
	m->fop = f->fop;
	put_pointers(f, m, wide);
	for (unsigned i = 0; i < 8; i++) {
		struct f80 v = x87_get(cpu, i);

		m->st[i].mant = v.mant;
		m->st[i].sexp = v.sexp;
		memset(m->st[i].reserved, 0, sizeof(m->st[i].reserved));
	}
	x87_refill(cpu);
}

void fximage_get_x87(struct cpu *cpu, const struct fximage *m, bool wide)
{
	struct x87 *f = &cpu->x87;

	x87_spill(cpu);
	f->fop = m->fop & 0x7ff;
	get_pointers(f, m, wide);
	x87_set_cw(cpu, m->fcw);
	x87_set_sw(cpu, m->fsw);
	for (unsigned i = 0; i < 8; i++)
		x87_put(cpu, i, (struct f80){ m->st[i].mant, m->st[i].sexp });
	f->tag_empty = (uint8_t)~m->ftw;
	x87_refill(cpu);
}

void fximage_put_mxcsr(struct cpu *cpu, struct fximage *m)
{
	m->mxcsr = mxcsr_get(cpu);
	m->mxcsr_mask = MXCSR_MASK;
}

uint64_t fxsave(struct cpu *cpu, uint64_t lin, uint64_t wide)
{
	struct fximage m;

	check_alignment(cpu, lin);
	/* what lies outside the registers keeps its value */
	mem_probe(cpu, lin, sizeof(m), ACC_WRITE);
	mem_read(cpu, lin, &m, sizeof(m), 0);
	fximage_put_x87(cpu, &m, wide);
	fximage_put_mxcsr(cpu, &m);
	memcpy(m.xmm, cpu->xmm, fximage_xmm_count(cpu) * 16);
	mem_write(cpu, lin, &m, sizeof(m), 0);
	return 0;
}

uint64_t fxrstor(struct cpu *cpu, uint64_t lin, uint64_t wide)
{
	struct fximage m;

	check_alignment(cpu, lin);
	mem_read(cpu, lin, &m, sizeof(m), 0);
	if (m.mxcsr & ~MXCSR_MASK)
		cpu_raise_err(cpu, EXC_GP, 0);
	fximage_get_x87(cpu, &m, wide);
	mxcsr_set(cpu, m.mxcsr);
	memcpy(cpu->xmm, m.xmm, fximage_xmm_count(cpu) * 16);
	return 0;
}
