#include "arch/loongarch/irq.h"

#include <errno.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/eiointc.h"
#include "arch/loongarch/host.h"
#include "arch/loongarch/ipi.h"
#include "arch/loongarch/pch_pic.h"
#include "arch/loongarch/platform.h"

static struct {
	irq_fn fn;
	void *ctx;
	bool reserved; /* a message-signalled interrupt handed out */
	bool masked;
} vectors[EIOINTC_VECTORS];

void host_irq_init(void)
{
	eiointc_init();
	pch_pic_init();
	ipi_init();
	csr_xchg(CSR_ECFG, ECFG_LIE, EIOINTC_IS | IS_TIMER | IS_IPI);
}

static bool valid(int irq)
{
	return irq >= 0 && irq < EIOINTC_VECTORS;
}

/* The pin's mask is what level interrupts need; the vector's enable serves the others. */
static void set_masked(unsigned vector, bool masked)
{
	if (!pch_pic_owns(vector))
		eiointc_enable(vector, !masked);
	else if (masked)
		pch_pic_mask(vector);
	else
		pch_pic_unmask(vector);
}

int irq_attach(int irq, irq_fn fn, void *ctx)
{
	if (!valid(irq) || !fn)
		return -EINVAL;
	if (vectors[irq].fn)
		return -EBUSY;
	vectors[irq].fn = fn;
	vectors[irq].ctx = ctx;
	vectors[irq].masked = false;
	eiointc_ack(irq);
	eiointc_enable(irq, 1);
	set_masked(irq, false);
	return 0;
}

void irq_detach(int irq)
{
	if (!valid(irq))
		return;
	set_masked(irq, true);
	eiointc_enable(irq, 0);
	vectors[irq].fn = 0;
}

void irq_mask(int irq)
{
	if (!valid(irq) || vectors[irq].masked)
		return;
	vectors[irq].masked = true;
	set_masked(irq, true);
}

void irq_unmask(int irq)
{
	if (!valid(irq) || !vectors[irq].masked)
		return;
	vectors[irq].masked = false;
	set_masked(irq, false);
}

/*
 * Level interrupts are masked around the handler: unmasking shows a pin that is still, or again, high to the EIOINTC, which only
 * notices changes.
 */
static void serve(unsigned vector)
{
	bool level = pch_pic_owns(vector);

	eiointc_ack(vector);
	if (!vectors[vector].fn) {
		eiointc_enable(vector, 0);
		return;
	}
	if (level)
		pch_pic_mask(vector);
	vectors[vector].fn(vectors[vector].ctx, vector);
	if (level && vectors[vector].fn && !vectors[vector].masked)
		pch_pic_unmask(vector);
}

static __attribute__((noinline)) void serve_all(uint64_t pending)
{
	if (pending & IS_TIMER)
		timer_interrupt();
	if (pending & IS_IPI)
		ipi_interrupt();
	if (!(pending & EIOINTC_IS))
		return;
	for (unsigned group = 0; group < EIOINTC_VECTORS / 64; group++)
		for (uint64_t p = eiointc_pending(group); p; p &= p - 1)
			serve(group * 64 + __builtin_ctzll(p));
}

/* Mostly there is nothing. */
void irq_poll(void)
{
	uint64_t pending = csr_read(CSR_ESTAT) & csr_read(CSR_ECFG);

	if (pending)
		serve_all(pending);
}

int irq_msi_alloc(uint64_t *addr, uint32_t *data)
{
	for (unsigned v = platform.msi_first; v < platform.msi_first + platform.msi_count && v < EIOINTC_VECTORS; v++) {
		if (vectors[v].reserved || vectors[v].fn || pch_pic_owns(v))
			continue;
		vectors[v].reserved = true;
		*addr = platform.msi_address;
		*data = v;
		return v;
	}
	return -ENOSPC;
}

void irq_msi_free(int irq)
{
	if (!valid(irq))
		return;
	irq_detach(irq);
	vectors[irq].reserved = false;
}
