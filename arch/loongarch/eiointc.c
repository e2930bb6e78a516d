#include "arch/loongarch/eiointc.h"

#include "arch/loongarch/csr.h"

#define IOCSR_MISC 0x420
#define MISC_EXT_IOI 48 /* bit: extended interrupts on */
#define EIOINTC_NODEMAP 0x14a0
#define EIOINTC_IPMAP 0x14c0   /* a byte for each 32 vectors: bit n = HWI n */
#define EIOINTC_ENABLE 0x1600
#define EIOINTC_BOUNCE 0x1680
#define EIOINTC_ISR 0x1800     /* of this CPU; write 1 to clear */
#define EIOINTC_ROUTE 0x1c00   /* a byte for each vector: cores of the node in bits 0-3, node map entry in bits 4-7 */

#define IPMAP_HWI1 0x02020202u
#define ROUTE_CORE0 0x01010101u

void eiointc_init(void)
{
	iocsr_write64(IOCSR_MISC, iocsr_read64(IOCSR_MISC) | 1ull << MISC_EXT_IOI);
	for (int i = 0; i < EIOINTC_VECTORS / 32; i++) {
		/* Node map entries 2i and 2i+1 name those nodes; only entry 0 is used. */
		iocsr_write32(EIOINTC_NODEMAP + i * 4, 2u << (2 * i) << 16 | 1u << (2 * i));
		iocsr_write32(EIOINTC_ENABLE + i * 4, 0);
		iocsr_write32(EIOINTC_BOUNCE + i * 4, 0);
		iocsr_write32(EIOINTC_ISR + i * 4, ~0u);
	}
	iocsr_write32(EIOINTC_IPMAP, IPMAP_HWI1);
	iocsr_write32(EIOINTC_IPMAP + 4, IPMAP_HWI1);
	for (int i = 0; i < EIOINTC_VECTORS; i += 4)
		iocsr_write32(EIOINTC_ROUTE + i, ROUTE_CORE0);
}

void eiointc_enable(unsigned vector, int on)
{
	unsigned reg = EIOINTC_ENABLE + vector / 32 * 4;
	uint32_t bit = 1u << vector % 32, v = iocsr_read32(reg);

	iocsr_write32(reg, on ? v | bit : v & ~bit);
}

uint64_t eiointc_pending(unsigned group)
{
	return iocsr_read64(EIOINTC_ISR + group * 8) & iocsr_read64(EIOINTC_ENABLE + group * 8);
}

void eiointc_ack(unsigned vector)
{
	iocsr_write64(EIOINTC_ISR + vector / 64 * 8, 1ull << vector % 64);
}
