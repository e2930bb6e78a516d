/*
 * 8259A pair. Intel 8259A data sheet; ELCR: Intel 82371SB data sheet, 2.5.4.
 */
#include "hw/pic.h"

#include <stddef.h>
#include <stdint.h>

#include "hw/bus.h"
#include "hw/irq.h"

#define CASCADE 2
#define SPURIOUS 7

#define ICW1 0x10
#define ICW1_IC4 0x01
#define ICW1_SINGLE 0x02
#define ICW4_AEOI 0x02
#define ICW4_SFNM 0x10
#define OCW3 0x08
#define OCW3_RIS 0x01
#define OCW3_RR 0x02
#define OCW3_POLL 0x04
#define OCW3_SMM 0x20
#define OCW3_ESMM 0x40
#define OCW2_EOI 0x20
#define OCW2_SL 0x40
#define OCW2_R 0x80

enum icw_step { ICW_DONE, ICW_2, ICW_3, ICW_4 };

struct pic {
	uint8_t line; /* inputs as they stand */
	uint8_t irr, imr, isr;
	uint8_t elcr, elcr_mask;
	uint8_t base;   /* vector of IR0 */
	uint8_t lowest; /* the input of lowest priority */
	enum icw_step step;
	bool icw4, single, aeoi, rotate_aeoi, sfnm, special_mask, read_isr, poll;
	int first_irq; /* 0 or 8 */
};

static struct pic chip[2] = {
	{ .elcr_mask = 0xf8, .first_irq = 0 },
	{ .elcr_mask = 0xde, .first_irq = 8 },
};
static struct pic *const master = &chip[0], *const slave = &chip[1];

/* Requests follow the wire: an edge is forgotten when its line falls before the acknowledge. */
static void set_line(struct pic *p, int n, bool level)
{
	uint8_t bit = (uint8_t)(1u << n);

	if (!level)
		p->irr &= (uint8_t)~bit;
	else if (p->elcr & bit || !(p->line & bit))
		p->irr |= bit;
	p->line = level ? p->line | bit : p->line & (uint8_t)~bit;
}

/* The input that would be served now, or -1. */
static int highest(const struct pic *p)
{
	for (int i = 1; i <= 8; i++) {
		int n = (p->lowest + i) & 7;
		uint8_t bit = (uint8_t)(1u << n);
		bool in_service = p->isr & bit;
		bool nested_slave = p->sfnm && p == master && n == CASCADE;

		if (p->irr & ~p->imr & bit && (!in_service || nested_slave))
			return n;
		if (in_service && !p->special_mask)
			return -1;
	}
	return -1;
}

static void update(void)
{
	set_line(master, CASCADE, highest(slave) >= 0);
	irq_pic_output(highest(master) >= 0);
}

void pic_set_irq(int irq, bool level)
{
	set_line(&chip[irq >> 3 & 1], irq & 7, level);
	update();
}

enum irq_input pic_input(int irq)
{
	const struct pic *p = &chip[irq >> 3 & 1];
	uint8_t bit = (uint8_t)(1u << (irq & 7));

	if (p->imr & bit)
		return IRQ_INPUT_MASKED;
	return p->irr & bit ? IRQ_INPUT_WAITS : IRQ_INPUT_FREE;
}

bool pic_output(void)
{
	return highest(master) >= 0;
}

static void end_of_service(struct pic *p, int n)
{
	if (p != master || n != CASCADE)
		irq_pic_eoi(p->first_irq + n);
}

static void accept(struct pic *p, int n)
{
	uint8_t bit = (uint8_t)(1u << n);

	if (!(p->elcr & bit))
		p->irr &= (uint8_t)~bit;
	if (!p->aeoi) {
		p->isr |= bit;
		return;
	}
	if (p->rotate_aeoi)
		p->lowest = (uint8_t)n;
	end_of_service(p, n);
}

int pic_ack(void)
{
	int n = highest(master), vector = master->base + SPURIOUS;

	/* INT is low during the acknowledge: a request that is left makes a new edge. */
	irq_pic_output(false);
	if (n == CASCADE) {
		int s = highest(slave);

		accept(master, n);
		vector = slave->base + (s < 0 ? SPURIOUS : s);
		if (s >= 0)
			accept(slave, s);
		set_line(master, CASCADE, false);
	} else if (n >= 0) {
		accept(master, n);
		vector = master->base + n;
	}
	update();
	return vector;
}

/* Poll command: the next read acknowledges. Returns bit 7 and the input, or 0. */
static uint8_t poll(struct pic *p)
{
	int n = highest(p);

	p->poll = false;
	if (n < 0)
		return 0;
	accept(p, n);
	update();
	return (uint8_t)(0x80 | n);
}

static void start_init(struct pic *p, uint8_t value)
{
	p->imr = 0;
	p->isr = 0;
	p->irr = p->line & p->elcr;
	p->lowest = 7;
	p->special_mask = p->read_isr = p->poll = false;
	p->aeoi = p->sfnm = p->rotate_aeoi = false;
	p->icw4 = value & ICW1_IC4;
	p->single = value & ICW1_SINGLE;
	p->step = ICW_2;
}

static void write_ocw3(struct pic *p, uint8_t value)
{
	if (value & OCW3_POLL)
		p->poll = true;
	if (value & OCW3_RR)
		p->read_isr = value & OCW3_RIS;
	if (value & OCW3_ESMM)
		p->special_mask = value & OCW3_SMM;
}

/* The in-service input of highest priority, or -1. Masked ones do not count in special mask mode. */
static int highest_in_service(const struct pic *p)
{
	uint8_t isr = p->special_mask ? p->isr & ~p->imr : p->isr;

	for (int i = 1; i <= 8; i++)
		if (isr >> ((p->lowest + i) & 7) & 1)
			return (p->lowest + i) & 7;
	return -1;
}

static void write_ocw2(struct pic *p, uint8_t value)
{
	bool rotate = value & OCW2_R, specific = value & OCW2_SL;
	int n = specific ? value & 7 : highest_in_service(p);

	if (!(value & OCW2_EOI)) {
		if (specific && rotate)
			p->lowest = value & 7;
		else if (!specific)
			p->rotate_aeoi = rotate;
		return;
	}
	if (n < 0)
		return;
	p->isr &= (uint8_t)~(1u << n);
	if (rotate)
		p->lowest = (uint8_t)n;
	end_of_service(p, n);
}

static void write_data(struct pic *p, uint8_t value)
{
	switch (p->step) {
	case ICW_DONE:
		p->imr = value;
		break;
	case ICW_2:
		p->base = value & 0xf8;
		p->step = !p->single ? ICW_3 : p->icw4 ? ICW_4 : ICW_DONE;
		break;
	case ICW_3:
		p->step = p->icw4 ? ICW_4 : ICW_DONE;
		break;
	case ICW_4:
		p->aeoi = value & ICW4_AEOI;
		p->sfnm = value & ICW4_SFNM;
		p->step = ICW_DONE;
		break;
	}
}

static void port_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	struct pic *p = ctx;

	(void)size;
	if (port & 1)
		write_data(p, (uint8_t)value);
	else if (value & ICW1)
		start_init(p, (uint8_t)value);
	else if (value & OCW3)
		write_ocw3(p, (uint8_t)value);
	else
		write_ocw2(p, (uint8_t)value);
	update();
}

static uint32_t port_read(void *ctx, uint16_t port, int size)
{
	struct pic *p = ctx;

	(void)size;
	if (p->poll)
		return poll(p);
	if (port & 1)
		return p->imr;
	return p->read_isr ? p->isr : p->irr;
}

static void elcr_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	struct pic *p = &chip[port & 1];
	uint8_t elcr = (uint8_t)value & p->elcr_mask;

	(void)ctx;
	(void)size;
	p->irr = (p->irr & ~(p->elcr ^ elcr)) | (p->line & elcr);
	p->elcr = elcr;
	update();
}

static uint32_t elcr_read(void *ctx, uint16_t port, int size)
{
	(void)ctx;
	(void)size;
	return chip[port & 1].elcr;
}

static void reset(void *ctx)
{
	(void)ctx;
	for (int i = 0; i < 2; i++) {
		chip[i].line = 0;
		chip[i].elcr = 0;
		start_init(&chip[i], 0);
		chip[i].base = 0;
		chip[i].step = ICW_DONE;
	}
	update();
}

int pic_init(struct cpu *cpu)
{
	static const struct port_ops ops = { port_read, port_write, 1 };
	static const struct port_ops elcr_ops = { elcr_read, elcr_write, 1 };
	int err;

	(void)cpu;
	reset(NULL);
	board_on_reset(reset, NULL);
	err = bus_add_ports(0x20, 2, &ops, master);
	if (!err)
		err = bus_add_ports(0xa0, 2, &ops, slave);
	if (!err)
		err = bus_add_ports(0x4d0, 2, &elcr_ops, NULL);
	return err;
}
