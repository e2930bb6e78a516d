/* x87 control and status words, environment and state images (Intel SDM volume 1, 8.1.10). */
#include "translator/mmu.h"
#include "translator/x87.h"

uint64_t x87_fldcw(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	(void)info;
	x87_set_cw(cpu, mem_read16(cpu, lin, 0));
	return 0;
}

uint64_t x87_fnstcw(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	(void)info;
	mem_write16(cpu, lin, cpu->x87.cw, 0);
	return 0;
}

uint64_t x87_fnstsw(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	(void)info;
	mem_write16(cpu, lin, x87_sw(cpu), 0);
	return 0;
}

/* Real-address and V86 mode: images hold linear addresses and the opcode instead of selectors. */
static bool real_format(const struct cpu *cpu)
{
	return !(cpu->cr0 & CR0_PE) || cpu->eflags & FL_VM;
}

static unsigned env_size(uint32_t info) { return X87_INFO_OPSIZE(info) == 2 ? 14 : 28; }

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static uint32_t get16(const uint8_t *p) { return (uint32_t)(p[0] | p[1] << 8); }

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

static uint32_t get32(const uint8_t *p) { return get16(p) | get16(p + 2) << 16; }

static void env16(const struct cpu *cpu, uint8_t *b)
{
	const struct x87 *f = &cpu->x87;
	bool real = real_format(cpu);
	uint32_t ip = (uint32_t)f->fip + (real ? (uint32_t)f->fcs << 4 : 0), dp = (uint32_t)f->fdp + (real ? (uint32_t)f->fds << 4 : 0);

	put16(b, f->cw);
	put16(b + 2, x87_sw(cpu));
	put16(b + 4, x87_tag_word(cpu));
	put16(b + 6, ip);
	put16(b + 8, real ? (ip >> 4 & 0xf000) | f->fop : f->fcs);
	put16(b + 10, dp);
	put16(b + 12, real ? dp >> 4 & 0xf000 : f->fds);
}

static void env32(const struct cpu *cpu, uint8_t *b)
{
	const struct x87 *f = &cpu->x87;
	bool real = real_format(cpu);
	uint32_t ip = (uint32_t)f->fip + (real ? (uint32_t)f->fcs << 4 : 0), dp = (uint32_t)f->fdp + (real ? (uint32_t)f->fds << 4 : 0);

	put32(b, 0xffff0000 | f->cw);
	put32(b + 4, 0xffff0000u | x87_sw(cpu));
	put32(b + 8, 0xffff0000 | x87_tag_word(cpu));
	if (real) {
		put32(b + 12, 0xffff0000 | ip);
		put32(b + 16, (ip >> 4 & 0x0ffff000) | f->fop);
		put32(b + 20, 0xffff0000 | dp);
		put32(b + 24, dp >> 4 & 0x0ffff000);
	} else {
		put32(b + 12, ip);
		put32(b + 16, (uint32_t)f->fop << 16 | f->fcs);
		put32(b + 20, dp);
		put32(b + 24, 0xffff0000 | f->fds);
	}
}

static void make_env(const struct cpu *cpu, uint32_t info, uint8_t *b)
{
	if (X87_INFO_OPSIZE(info) == 2)
		env16(cpu, b);
	else
		env32(cpu, b);
}

static void load_pointers16(struct cpu *cpu, const uint8_t *b)
{
	struct x87 *f = &cpu->x87;

	f->fip = get16(b + 6);
	f->fdp = get16(b + 10);
	if (real_format(cpu)) {
		f->fip |= (get16(b + 8) & 0xf000) << 4;
		f->fop = get16(b + 8) & 0x7ff;
		f->fdp |= (get16(b + 12) & 0xf000) << 4;
		f->fcs = f->fds = 0;
	} else {
		f->fcs = (uint16_t)get16(b + 8);
		f->fds = (uint16_t)get16(b + 12);
	}
}

static void load_pointers32(struct cpu *cpu, const uint8_t *b)
{
	struct x87 *f = &cpu->x87;

	if (real_format(cpu)) {
		f->fip = get16(b + 12) | (get32(b + 16) & 0x0ffff000) << 4;
		f->fop = get16(b + 16) & 0x7ff;
		f->fdp = get16(b + 20) | (get32(b + 24) & 0x0ffff000) << 4;
		f->fcs = f->fds = 0;
	} else {
		f->fip = get32(b + 12);
		f->fcs = (uint16_t)get16(b + 16);
		f->fop = get16(b + 18) & 0x7ff;
		f->fdp = get32(b + 20);
		f->fds = (uint16_t)get16(b + 24);
	}
}

static void load_env(struct cpu *cpu, uint32_t info, const uint8_t *b)
{
	unsigned step = X87_INFO_OPSIZE(info) == 2 ? 2 : 4;

	x87_set_tag_word(cpu, (uint16_t)get16(b + 2 * step));
	if (step == 2)
		load_pointers16(cpu, b);
	else
		load_pointers32(cpu, b);
	x87_set_cw(cpu, (uint16_t)get16(b));
	x87_set_sw(cpu, (uint16_t)get16(b + step));
}

uint64_t x87_fldenv(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	uint8_t b[28];

	mem_read(cpu, lin, b, env_size(info), 0);
	load_env(cpu, info, b);
	return 0;
}

/* All exceptions are masked afterwards. */
uint64_t x87_fnstenv(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	uint8_t b[28];

	make_env(cpu, info, b);
	mem_write(cpu, lin, b, env_size(info), 0);
	x87_set_cw(cpu, cpu->x87.cw | FPE_ALL);
	return 0;
}

uint64_t x87_fnsave(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	uint8_t b[28 + 80], *p = b + env_size(info);

	make_env(cpu, info, b);
	for (unsigned i = 0; i < 8; i++, p += 10) {
		struct f80 v = x87_get(cpu, i);

		put32(p, (uint32_t)v.mant);
		put32(p + 4, (uint32_t)(v.mant >> 32));
		put16(p + 8, v.sexp);
	}
	mem_write(cpu, lin, b, env_size(info) + 80, 0);
	x87_init(cpu);
	return 0;
}

uint64_t x87_frstor(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	uint8_t b[28 + 80], *p = b + env_size(info);
	uint8_t empty;

	mem_read(cpu, lin, b, env_size(info) + 80, 0);
	load_env(cpu, info, b);
	empty = cpu->x87.tag_empty;
	for (unsigned i = 0; i < 8; i++, p += 10)
		x87_put(cpu, i, (struct f80){ get32(p) | (uint64_t)get32(p + 4) << 32, (uint16_t)get16(p + 8) });
	cpu->x87.tag_empty = empty;
	return 0;
}
