#include "arch/loongarch/ipi.h"

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"

#define IPI_STATUS 0x1000
#define IPI_ENABLE 0x1004
#define IPI_CLEAR 0x100c
#define IPI_SEND 0x1040
#define MAIL_SEND 0x1048
#define SEND_BLOCKING (1u << 31)
#define SEND_CPU_SHIFT 16
#define MAIL_BOX_SHIFT 2 /* in units of 32 bits */

static struct {
	void (*fn)(void *ctx);
	void *ctx;
} handlers[IPI_VECTORS];

extern char cpu_park_entry[];

void ipi_init(void)
{
	iocsr_write32(IPI_CLEAR, ~0u);
	iocsr_write32(IPI_ENABLE, ~0u);
}

void ipi_set_handler(unsigned vector, void (*fn)(void *ctx), void *ctx)
{
	handlers[vector].fn = fn;
	handlers[vector].ctx = ctx;
}

void ipi_send(unsigned cpu, unsigned vector)
{
	iocsr_write32(IPI_SEND, SEND_BLOCKING | cpu << SEND_CPU_SHIFT | vector);
}

void ipi_interrupt(void)
{
	uint32_t status = iocsr_read32(IPI_STATUS);

	iocsr_write32(IPI_CLEAR, status);
	for (; status; status &= status - 1) {
		unsigned v = __builtin_ctz(status);

		if (handlers[v].fn)
			handlers[v].fn(handlers[v].ctx);
	}
}

static void mail_send(unsigned cpu, unsigned box, uint32_t data)
{
	iocsr_write64(MAIL_SEND, (uint64_t)data << 32 | SEND_BLOCKING | cpu << SEND_CPU_SHIFT | box << MAIL_BOX_SHIFT);
}

void ipi_start_cpu(unsigned cpu, uint64_t entry)
{
	mail_send(cpu, 1, entry >> 32);
	mail_send(cpu, 0, entry);
	ipi_send(cpu, 0);
}

void ipi_park_others(void)
{
	for (unsigned cpu = 0; cpu < host.ncpu; cpu++)
		if (cpu != csr_read(CSR_CPUID))
			ipi_start_cpu(cpu, virt_to_phys(cpu_park_entry));
}
