// SOURCES: hw/pic.c hw/timer.c hw/bus_ports.c hw/bus_memory.c
/*
 * The pair of 8259As (Intel 8259A data sheet) and the ELCR: initialisation, triggering, nesting, all kinds of EOI, special modes, poll.
 */
#include "hw/pic.h"
#include "tests/unit/hw_model.h"

static bool intr;
static unsigned intr_edges;
static uint16_t ended; /* IRQs whose service has ended since the last look */

void irq_pic_output(bool level)
{
	intr_edges += level && !intr;
	intr = level;
}
void irq_pic_eoi(int irq) { ended |= (uint16_t)(1u << irq); }

static uint16_t take_ended(void)
{
	uint16_t e = ended;

	ended = 0;
	return e;
}

/* As a PC's BIOS does it: vectors 20-27 and 28-2f, cascade on 2. */
static void init_with(uint8_t icw4)
{
	for (int irq = 0; irq < 16; irq++)
		pic_set_irq(irq, false);
	for (uint16_t port = 0x20; port <= 0xa0; port += 0x80) {
		bool slave = port == 0xa0;

		out(port, 0x11);
		out(port + 1, slave ? 0x28 : 0x20);
		out(port + 1, slave ? 2 : 4);
		out(port + 1, slave ? icw4 & ~0x10 : icw4);
	}
	ended = 0;
}

static uint8_t isr(uint16_t port) { out(port, 0x0b); return in(port); }
static uint8_t irr(uint16_t port) { out(port, 0x0a); return in(port); }
static void eoi(int irq)
{
	if (irq >= 8)
		out(0xa0, 0x20);
	out(0x20, 0x20);
}

static void test_edges(void)
{
	init_with(1);
	CHECK(!intr && in(0x21) == 0 && in(0xa1) == 0);
	pic_set_irq(4, true);
	CHECK(intr && irr(0x20) == 0x10);
	CHECK_EQ(pic_input(4), IRQ_INPUT_WAITS);
	CHECK_EQ(pic_ack(), 0x24);
	CHECK(!intr && irr(0x20) == 0 && isr(0x20) == 0x10);
	CHECK_EQ(pic_input(4), IRQ_INPUT_FREE);
	eoi(4);
	CHECK(isr(0x20) == 0 && take_ended() == 0x10);
	CHECK(!intr); /* still high: no new edge */
	pic_set_irq(4, true);
	CHECK(!intr);
	pic_set_irq(4, false);
	pic_set_irq(4, true);
	CHECK(intr);
	pic_set_irq(4, false); /* gone before the acknowledge: spurious, without service */
	CHECK_EQ(pic_ack(), 0x27);
	CHECK_EQ(isr(0x20), 0);
	pic_set_irq(4, true);
	out(0x20, 0x11); /* an initialisation forgets edges */
	out(0x21, 0x20), out(0x21, 4), out(0x21, 1);
	CHECK(!intr && irr(0x20) == 0);
	pic_set_irq(2, true); /* the cascade input is not an IRQ */
	CHECK(!intr && irr(0x20) == 0);
}

static void test_mask(void)
{
	init_with(1);
	out(0x21, 0x08);
	pic_set_irq(3, true);
	CHECK(!intr && irr(0x20) == 0x08 && pic_input(3) == IRQ_INPUT_MASKED);
	out(0x21, 0x00); /* pending while masked */
	CHECK(intr && pic_ack() == 0x23);
	eoi(3);
	out(0xa1, 0x01);
	pic_set_irq(8, true);
	CHECK(!intr && irr(0x20) == 0 && irr(0xa0) == 1);
	out(0x21, 0x04);
	out(0xa1, 0x00);
	CHECK(!intr && irr(0x20) == 4);
	out(0x21, 0x00);
	CHECK(intr && pic_ack() == 0x28);
	eoi(8);
	CHECK(isr(0x20) == 0 && isr(0xa0) == 0);
}

static void test_nesting(void)
{
	init_with(1);
	pic_set_irq(4, true);
	CHECK_EQ(pic_ack(), 0x24);
	pic_set_irq(5, true);
	CHECK(!intr); /* lower priority */
	pic_set_irq(12, true);
	CHECK(intr && pic_ack() == 0x2c);
	pic_set_irq(8, true); /* the slave asks again while the master serves it: not without special nesting */
	CHECK(!intr);
	pic_set_irq(1, true);
	CHECK(intr && pic_ack() == 0x21);
	CHECK(isr(0x20) == 0x16 && isr(0xa0) == 0x10);
	eoi(1);
	CHECK(take_ended() == 0x02 && !intr);
	eoi(12);
	CHECK_EQ(take_ended(), 0x1000);
	CHECK(intr && pic_ack() == 0x28);
	eoi(8);
	CHECK(!intr); /* IRQ 4 is still served */
	eoi(4);
	CHECK(intr && pic_ack() == 0x25);
	eoi(5);
	init_with(0x11); /* special fully nested mode */
	pic_set_irq(12, true);
	CHECK_EQ(pic_ack(), 0x2c);
	pic_set_irq(8, true);
	CHECK(intr && pic_ack() == 0x28);
	CHECK_EQ(isr(0xa0), 0x11);
}

static void test_level(void)
{
	init_with(1);
	out(0x4d0, 0xff);
	out(0x4d1, 0xff);
	CHECK(in(0x4d0) == 0xf8 && in(0x4d1) == 0xde); /* 0, 1, 2, 8, 13 are always edges */
	pic_set_irq(5, true);
	CHECK_EQ(pic_ack(), 0x25);
	CHECK(irr(0x20) == 0x20 && !intr);
	eoi(5);
	CHECK(intr); /* still high: again */
	CHECK_EQ(pic_ack(), 0x25);
	pic_set_irq(5, false);
	eoi(5);
	CHECK(!intr && irr(0x20) == 0);
	pic_set_irq(11, true);
	CHECK_EQ(pic_ack(), 0x2b);
	eoi(11);
	CHECK(intr && (take_ended() & 0x0800));
	out(0x4d1, 0x00); /* as an edge it is over */
	CHECK(!intr);
	out(0x4d0, 0x00);
}

static void test_rotation(void)
{
	init_with(1);
	pic_set_irq(3, true);
	pic_set_irq(4, true);
	CHECK_EQ(pic_ack(), 0x23);
	out(0x20, 0xa0); /* rotate on EOI: 3 becomes the lowest */
	pic_set_irq(3, false), pic_set_irq(3, true);
	CHECK_EQ(pic_ack(), 0x24);
	out(0x20, 0xe4); /* rotate on specific EOI */
	CHECK_EQ(pic_ack(), 0x23);
	out(0x20, 0x63);
	CHECK_EQ(isr(0x20), 0);
	out(0x20, 0xc5); /* set priority: 6 is the highest */
	pic_set_irq(6, true), pic_set_irq(0, true);
	CHECK_EQ(pic_ack(), 0x26);
	out(0x20, 0x61); /* the EOI of another leaves it */
	CHECK_EQ(isr(0x20), 0x40);
	out(0x20, 0x20);
	CHECK_EQ(pic_ack(), 0x20);
}

static void test_automatic_eoi(void)
{
	init_with(3);
	out(0x20, 0x80); /* rotating */
	pic_set_irq(3, true);
	pic_set_irq(10, true);
	CHECK_EQ(pic_ack(), 0x2a);
	CHECK(take_ended() == 0x0400 && isr(0x20) == 0 && isr(0xa0) == 0);
	CHECK(intr && pic_ack() == 0x23);
	CHECK(!intr);
}

static void test_special_mask(void)
{
	init_with(1);
	pic_set_irq(1, true);
	pic_ack();
	pic_set_irq(4, true);
	CHECK(!intr);
	out(0x20, 0x68);
	out(0x21, 0x02);
	CHECK(intr && pic_ack() == 0x24); /* everything but what is masked or served */
	out(0x20, 0x20);
	CHECK_EQ(isr(0x20), 0x02); /* a non-specific EOI does not find the masked one */
	out(0x20, 0x61);
	CHECK_EQ(isr(0x20), 0);
	out(0x20, 0x48);
	out(0x21, 0);
}

static void test_poll(void)
{
	init_with(1);
	out(0x20, 0x0c);
	CHECK_EQ(in(0x20), 0);
	pic_set_irq(6, true);
	pic_set_irq(7, true);
	out(0x20, 0x0c);
	CHECK(in(0x20) == 0x86 && !intr);
	CHECK_EQ(isr(0x20), 0x40);
	eoi(6);
	CHECK(intr && pic_ack() == 0x27);
	eoi(7);
	pic_set_irq(15, true);
	out(0xa0, 0x0c);
	CHECK(in(0xa1) == 0x87 && isr(0xa0) == 0x80);
}

int main(void)
{
	CHECK_EQ(pic_init(NULL), 0);
	test_edges();
	test_mask();
	test_nesting();
	test_level();
	test_rotation();
	test_automatic_eoi();
	test_special_mask();
	test_poll();
	reset_devices();
	CHECK(!intr && isr(0xa0) == 0 && in(0x4d0) == 0);
	return report();
}
