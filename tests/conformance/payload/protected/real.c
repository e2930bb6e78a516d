#include "tests/conformance/payload/protected/protected.h"

extern const uint8_t low_image[], low_image_end[], low_entries[];
extern struct registers low_regs;
extern volatile uint16_t low_vector;
extern struct __attribute__((packed)) table_register {
	uint16_t limit;
	uint32_t base;
} low_boot_gdtr, low_protected_idtr;

void real_init(void)
{
	struct table_register gdtr;
	volatile uint32_t *ivt = physical(0);
	uint8_t *low = physical(LOW);

	for (const uint8_t *from = low_image; from < low_image_end; from++)
		*low++ = *from;
	__asm__ volatile("sgdtl %0" : "=m"(gdtr));
	paging_low(0, 1);
	/* paging is off when this one is loaded */
	low_boot_gdtr = (struct table_register){ gdtr.limit, gdtr.base - VECTOR_KERNEL };
	__asm__ volatile("sidtl %0" : "=m"(low_protected_idtr));
	paging_low(0, 0);
	for (uint32_t n = 0; n < 32; n++)
		ivt[n] = (uint32_t)low_entries + n * 8;
}

void enter_real(void);

void real_run(struct state *s)
{
	low_regs = regs;
	outb(0x21, 0xff);
	enter_real();
	outb(0x21, 0xfe);
	for (int k = 0; k < 8; k++)
		s->gpr[k] = low_regs.gpr[k];
	s->rflags = low_regs.eflags & 0xffff;
	s->rip = low_regs.eip & 0xffff;
	s->cr2 = s->error = 0;
	s->vector = low_vector;
}
