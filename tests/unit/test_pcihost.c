// SOURCES: hw/pcihost.c hw/pci_regs.c hw/i440fx.c hw/piix.c
/*
 * Configuration mechanism 1 and the chipset's functions, against a fake bus.
 */
#include <stdio.h>
#include <string.h>

#include "hw/board.h"
#include "hw/bus.h"
#include "hw/irq.h"
#include "hw/pci.h"
#include "hw/power.h"
#include "tests/unit/check.h"

/* ---- the board around it ---- */

static struct { uint16_t first; unsigned count; const struct port_ops *ops; void *ctx; } claims[8];
static unsigned nclaims;
static struct { void (*fn)(void *); void *ctx; } resets[8];
static unsigned nresets;
static uint8_t pam[13], pirq[4];
static unsigned pam_calls;

int bus_add_ports(uint16_t first, unsigned count, const struct port_ops *ops, void *ctx)
{
	claims[nclaims].first = first;
	claims[nclaims].count = count;
	claims[nclaims].ops = ops;
	claims[nclaims++].ctx = ctx;
	return 0;
}

void board_on_reset(void (*fn)(void *), void *ctx)
{
	resets[nresets].fn = fn;
	resets[nresets++].ctx = ctx;
}

void board_set_pam(int segment, bool read_ram, bool write_ram)
{
	pam_calls++;
	if (segment >= 0 && segment < 13)
		pam[segment] = (uint8_t)(read_ram | write_ram << 1);
}

void irq_route_pirq(int n, uint8_t value)
{
	pirq[n] = value;
}

static unsigned hard_resets, cpu_resets;
void board_power_reset(void) { hard_resets++; }
void power_init_cpu(void) { cpu_resets++; }

static uint32_t in(uint16_t port, int size)
{
	for (unsigned i = 0; i < nclaims; i++)
		if (port >= claims[i].first && port < claims[i].first + claims[i].count)
			return claims[i].ops->read(claims[i].ctx, port, size);
	return 0xffffffff;
}

static void out(uint16_t port, int size, uint32_t value)
{
	for (unsigned i = 0; i < nclaims; i++)
		if (port >= claims[i].first && port < claims[i].first + claims[i].count)
			claims[i].ops->write(claims[i].ctx, port, size, value);
}

static uint32_t conf_read(unsigned slot, unsigned fn, unsigned reg, int size)
{
	out(0xcf8, 4, 0x80000000u | slot << 11 | fn << 8 | (reg & 0xfc));
	return in((uint16_t)(0xcfc + (reg & 3)), size);
}

static void conf_write(unsigned slot, unsigned fn, unsigned reg, int size, uint32_t value)
{
	out(0xcf8, 4, 0x80000000u | slot << 11 | fn << 8 | (reg & 0xfc));
	out((uint16_t)(0xcfc + (reg & 3)), size, value);
}

/* ---- tests ---- */

static void test_mechanism(void)
{
	CHECK(conf_read(0, 0, 0, 4) == 0x12378086);
	CHECK(conf_read(0, 0, 2, 2) == 0x1237);
	CHECK(conf_read(0, 0, 3, 1) == 0x12);
	CHECK(conf_read(5, 0, 0, 4) == 0xffffffff);
	CHECK(conf_read(5, 0, 2, 2) == 0xffff);
	CHECK(conf_read(1, 1, 0, 4) == 0xffffffff);
	out(0xcf8, 4, 0x80010000);
	CHECK(in(0xcfc, 4) == 0xffffffff); /* bus 1 */
	out(0xcf8, 4, 0x00000000);
	CHECK(in(0xcfc, 4) == 0xffffffff); /* not enabled */
	out(0xcf8, 4, 0xffffffff);
	CHECK(in(0xcf8, 4) == 0x80fffffc);
	out(0xcf8, 4, 0x80000008);
	out(0xcf8, 1, 0x33);
	out(0xcfa, 2, 0x3333);
	CHECK(in(0xcf8, 4) == 0x80000008);
	CHECK((in(0xcf8, 1) & 0xff) == 0xff);
	out(0xcf8, 4, 0x80000000);
	CHECK(in(0xcfe, 4) == 0xffff1237);
	CHECK(in(0xcfd, 4) == 0xff123780);
	CHECK(in(0xcff, 2) == 0xff12);
}

static void test_host_bridge(void)
{
	CHECK(conf_read(0, 0, 8, 4) == 0x06000002);
	conf_write(0, 0, 0, 4, 0);
	CHECK(conf_read(0, 0, 0, 4) == 0x12378086);
	conf_write(0, 0, 0x59, 1, 0x30);
	CHECK(pam[0] == 3 && pam_calls == 1);
	conf_write(0, 0, 0x59, 1, 0xff);
	CHECK(conf_read(0, 0, 0x59, 1) == 0x30 && pam_calls == 1);
	conf_write(0, 0, 0x5a, 1, 0x12);
	CHECK(pam[1] == 2 && pam[2] == 1);
	conf_write(0, 0, 0x5c, 4, 0x33333333);
	CHECK(pam[5] == 3 && pam[12] == 3 && pam[3] == 0);
	conf_write(0, 0, 0x72, 1, 0x4a);
	CHECK(conf_read(0, 0, 0x72, 1) == 0x4a);
	conf_write(0, 0, 0x72, 1, 0x5a);
	CHECK(conf_read(0, 0, 0x72, 1) == 0x1a);
	conf_write(0, 0, 0x72, 1, 0x4a);
	CHECK(conf_read(0, 0, 0x72, 1) == 0x1a);
}

static void test_isa_bridge(void)
{
	CHECK(conf_read(1, 0, 0, 4) == 0x70008086);
	CHECK(conf_read(1, 0, 0x0a, 2) == 0x0601);
	CHECK(conf_read(1, 0, 0x0e, 1) == 0x80);
	for (unsigned i = 0; i < 4; i++)
		CHECK(pirq[i] == 0x80);
	conf_write(1, 0, 0x61, 1, 0x0b);
	CHECK(pirq[0] == 0x80 && pirq[1] == 0x0b);
	conf_write(1, 0, 0x60, 4, 0x7a0b0a0b);
	CHECK(pirq[0] == 0x0b && pirq[1] == 0x0a && pirq[2] == 0x0b && pirq[3] == 0x0a);
	CHECK(conf_read(1, 3, 0x58, 4) & 0x02000000);
}

static void test_power_management(void)
{
	CHECK(conf_read(1, 3, 0, 4) == 0x71138086);
	conf_write(1, 3, 0x40, 4, 0x00000601);
	CHECK(conf_read(1, 3, 0x40, 4) == 0x0601);
	conf_write(1, 3, 0x80, 1, 0x01);
	CHECK(conf_read(1, 3, 0x80, 1) == 0x01);
	CHECK(conf_read(1, 3, 0x3c, 2) == 0x0109);
	conf_write(1, 3, 0xd2, 1, 0x09);
	CHECK(conf_read(1, 3, 0xd2, 1) == 0);
}

static void test_reset(void)
{
	for (unsigned i = 0; i < nresets; i++)
		resets[i].fn(resets[i].ctx);
	for (unsigned i = 0; i < 13; i++)
		CHECK(pam[i] == 0);
	CHECK(pirq[0] == 0x80 && pirq[3] == 0x80);
	CHECK(in(0xcf8, 4) == 0);
	CHECK(conf_read(0, 0, 0x72, 1) == 0x02);
	conf_write(0, 0, 0x72, 1, 0x0a);
	CHECK(conf_read(0, 0, 0x72, 1) == 0x0a);
}

static void test_reset_control(void)
{
	out(0xcf8, 4, 0x80000600);
	CHECK(in(0xcf8, 4) == 0x80000600 && !hard_resets && !cpu_resets);
	out(0xcf9, 1, 0x02);
	CHECK(in(0xcf9, 1) == 0x02 && !hard_resets);
	out(0xcf9, 1, 0x06);
	CHECK(hard_resets == 1 && in(0xcf8, 2) == 0x06ff);
	out(0xcf9, 1, 0x06);
	CHECK(hard_resets == 1);
	out(0xcf9, 1, 0x00);
	out(0xcf8, 2, 0x0400);
	CHECK(hard_resets == 1 && cpu_resets == 1);
	CHECK(in(0xcf8, 4) == 0x80000600);
}

static void test_add(void)
{
	CHECK(pci_add_function(0, &pci_regs_ops, NULL) < 0);
	CHECK(pci_add_function(256, &pci_regs_ops, NULL) < 0);
	CHECK(pci_config_read(300, 0, 4) == 0xffffffff);
	pci_config_write(300, 0, 4, 0);
}

int main(void)
{
	CHECK(pcihost_init() == 0);
	test_mechanism();
	test_host_bridge();
	test_isa_bridge();
	test_power_management();
	test_reset();
	test_reset_control();
	test_add();
	return report();
}
