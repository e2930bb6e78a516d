#include "arch/loongarch/pch_pic.h"

#include "arch/loongarch/csr.h"
#include "arch/loongarch/platform.h"

#define PIC_ID 0x00 /* bits 55-48: number of pins - 1 */
#define PIC_MASK 0x20
#define PIC_HTMSI_ENABLE 0x40
#define PIC_EDGE 0x60
#define PIC_CLEAR 0x80
#define PIC_AUTO0 0xc0
#define PIC_AUTO1 0xe0
#define PIC_ROUTE 0x100
#define PIC_HTMSI_VECTOR 0x200
#define PIC_POLARITY 0x3e0
#define MAX_PINS 64

static unsigned pins;

static volatile uint32_t *reg(unsigned offset)
{
	return (volatile uint32_t *)phys_uncached(platform.pch_pic + offset);
}

/* A 64-bit register, written by halves: QEMU and early chips do not take wide accesses. */
static void write_all(unsigned offset, uint32_t v)
{
	*reg(offset) = v;
	*reg(offset + 4) = v;
}

void pch_pic_init(void)
{
	pins = (*reg(PIC_ID + 4) >> 16 & 0xff) + 1;
	if (pins > MAX_PINS)
		pins = MAX_PINS;
	write_all(PIC_MASK, ~0u);
	write_all(PIC_HTMSI_ENABLE, ~0u);
	write_all(PIC_EDGE, 0);
	write_all(PIC_AUTO0, 0);
	write_all(PIC_AUTO1, 0);
	write_all(PIC_POLARITY, 0);
	write_all(PIC_CLEAR, ~0u);
	for (unsigned pin = 0; pin < pins; pin++) {
		*(volatile uint8_t *)phys_uncached(platform.pch_pic + PIC_ROUTE + pin) = 1;
		*(volatile uint8_t *)phys_uncached(platform.pch_pic + PIC_HTMSI_VECTOR + pin) =
			platform.pch_pic_first + pin;
	}
}

bool pch_pic_owns(unsigned vector)
{
	return vector - platform.pch_pic_first < pins;
}

void pch_pic_mask(unsigned vector)
{
	unsigned pin = vector - platform.pch_pic_first;

	*reg(PIC_MASK + pin / 32 * 4) |= 1u << pin % 32;
}

void pch_pic_unmask(unsigned vector)
{
	unsigned pin = vector - platform.pch_pic_first;

	*reg(PIC_CLEAR + pin / 32 * 4) = 1u << pin % 32;
	*reg(PIC_MASK + pin / 32 * 4) &= ~(1u << pin % 32);
}
