// SOURCES: hw/fwcfg.c hw/timer.c hw/bus_ports.c hw/bus_memory.c
/*
 * fw_cfg (QEMU documentation, docs/specs/fw_cfg): items and files through the data port and by DMA, and requests that no sane guest makes.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hw/gmem.h"
#include "tests/unit/hw_model.h"

#define SELECTOR 0x510
#define DATA 0x511
#define DMA_HIGH 0x514
#define DMA_LOW 0x518

enum { ERROR = 1, READ = 2, SKIP = 4, SELECT = 8, WRITE = 16 };

/* Guest memory: 64 KiB at 0, and nothing above. */
#define MEM_SIZE 0x10000u
static uint8_t mem[MEM_SIZE];

static uint32_t inside(uint64_t gpa, uint32_t len)
{
	return gpa >= MEM_SIZE ? 0 : len < MEM_SIZE - gpa ? len : (uint32_t)(MEM_SIZE - gpa);
}

bool gmem_read(uint64_t gpa, void *buf, uint32_t len)
{
	memcpy(buf, mem + (gpa < MEM_SIZE ? gpa : 0), inside(gpa, len));
	return inside(gpa, len) == len;
}

bool gmem_write(uint64_t gpa, const void *buf, uint32_t len)
{
	memcpy(mem + (gpa < MEM_SIZE ? gpa : 0), buf, inside(gpa, len));
	return inside(gpa, len) == len;
}

static void select_item(uint16_t key) { bus_port_write(SELECTOR, 2, key); }

static uint32_t data32(void)
{
	uint32_t v = in(DATA);

	v |= (uint32_t)in(DATA) << 8;
	v |= (uint32_t)in(DATA) << 16;
	return v | (uint32_t)in(DATA) << 24;
}

#define REQUEST 0x100u

/* One DMA request; returns the control word the guest finds afterwards. */
static uint32_t dma(uint32_t control, uint32_t len, uint64_t gpa)
{
	uint32_t words[2] = { htobe32(control), htobe32(len) };
	uint64_t address = htobe64(gpa);

	memcpy(mem + REQUEST, words, 8);
	memcpy(mem + REQUEST + 8, &address, 8);
	bus_port_write(DMA_HIGH, 4, 0);
	bus_port_write(DMA_LOW, 4, htobe32(REQUEST));
	memcpy(words, mem + REQUEST, 4);
	return be32toh(words[0]);
}

static const char text[] = "0123456789abcdef";

static void test_data_port(void)
{
	select_item(0);
	CHECK_EQ(data32(), 0x554d4551); /* QEMU */
	CHECK_EQ(in(DATA), 0);
	select_item(1);
	CHECK_EQ(data32(), 3);
	select_item(5);
	CHECK(in(DATA) == 1 && in(DATA) == 0);
	select_item(0x7777);
	CHECK_EQ(data32(), 0);
	out(DATA, 0xff); /* no item can be written */
	select_item(0);
	out(DATA, 0xff);
	select_item(0);
	CHECK_EQ(in(DATA), 'Q');
	out(SELECTOR, 1); /* a byte does not select */
	CHECK_EQ(in(DATA), 'E');
}

static void test_files(void)
{
	char name[64], key[2];

	CHECK_EQ(fwcfg_add_file("etc/text", text, 16), 0);
	CHECK_EQ(fwcfg_add_file("etc/empty", NULL, 0), 0);
	select_item(0x19);
	CHECK_EQ(be32toh(data32()), 2);
	CHECK_EQ(be32toh(data32()), 16);
	key[0] = (char)in(DATA), key[1] = (char)in(DATA);
	CHECK(key[0] == 0 && key[1] == 0x20);
	CHECK(in(DATA) == 0 && in(DATA) == 0);
	for (unsigned i = 0; i < 56; i++)
		name[i] = (char)in(DATA);
	CHECK(!strcmp(name, "etc/text"));
	select_item(0x20);
	for (unsigned i = 0; i < 16; i++)
		CHECK_EQ(in(DATA), text[i]);
	select_item(0x21);
	CHECK_EQ(in(DATA), 0);
	memset(name, 'x', sizeof name);
	name[56] = 0;
	CHECK_EQ(fwcfg_add_file(name, text, 1), -ENOSPC);
	name[55] = 0;
	CHECK_EQ(fwcfg_add_file(name, text, 1), 0);
	CHECK_EQ(fwcfg_add_item(0x1234, text, 4), 0);
	CHECK_EQ(fwcfg_add_item(0x1234, text + 4, 4), 0); /* replaced */
	select_item(0x1234);
	CHECK_EQ(in(DATA), '4');
}

static void test_dma(void)
{
	CHECK_EQ(bus_port_read(DMA_HIGH, 4), 0x554d4551);
	CHECK_EQ(bus_port_read(DMA_LOW, 4), 0x47464320); /* " CFG" */
	CHECK_EQ(dma(0x20 << 16 | SELECT | READ, 8, 0x1000), 0);
	CHECK(!memcmp(mem + 0x1000, text, 8));
	CHECK_EQ(dma(SKIP, 2, 0), 0);
	CHECK_EQ(dma(READ, 3, 0x1000), 0);
	CHECK(!memcmp(mem + 0x1000, "abc", 3));
	CHECK_EQ(in(DATA), 'd'); /* both ways share the offset */
	memset(mem + 0x2000, 0xff, 0x4000);
	CHECK_EQ(dma(READ, 0x3000, 0x2000), 0);
	CHECK(!memcmp(mem + 0x2000, "ef", 3)); /* beyond the end come zeros */
	CHECK(mem[0x4fff] == 0 && mem[0x5000] == 0xff);
	CHECK_EQ(dma(0x7777u << 16 | SELECT | READ, 4, 0x5000), 0);
	CHECK(mem[0x5000] == 0 && mem[0x5004] == 0xff);
	CHECK_EQ(dma(0x20 << 16 | SELECT, 4, 0x5004), 0);
	CHECK(mem[0x5004] == 0xff && in(DATA) == '0');
}

static void test_bad_dma(void)
{
	CHECK_EQ(dma(0x20 << 16 | SELECT | READ, 16, 0xfff8), ERROR); /* the end of memory */
	CHECK_EQ(dma(0x20 << 16 | SELECT | READ, 16, 0x123456789abc), ERROR);
	CHECK_EQ(dma(0x20 << 16 | SELECT | READ, 16, UINT64_MAX - 3), ERROR);
	CHECK_EQ(dma(0x20 << 16 | SELECT | READ, UINT32_MAX, 0x1000), ERROR);
	CHECK_EQ(dma(0x20 << 16 | SELECT | READ, 0, 0x123456789abc), 0);
	CHECK_EQ(dma(0x20 << 16 | SELECT | SKIP, UINT32_MAX, 0), 0);
	CHECK_EQ(dma(SKIP, UINT32_MAX, 0), 0);
	CHECK_EQ(in(DATA), 0);
	CHECK_EQ(dma(0x20 << 16 | SELECT | WRITE, 4, 0x1000), ERROR);
	CHECK(text[0] == '0');
	CHECK_EQ(dma(0x7777u << 16 | SELECT | SKIP, 100, 0), 0);
	CHECK_EQ(in(DATA), 0);
	/* A request that cannot be read, or whose answer cannot be written, is dropped. */
	bus_port_write(DMA_HIGH, 4, UINT32_MAX);
	bus_port_write(DMA_LOW, 4, UINT32_MAX);
	bus_port_write(DMA_HIGH, 4, 0);
	bus_port_write(DMA_LOW, 4, htobe32(MEM_SIZE - 4));
	bus_port_write(DMA_LOW, 2, 0x1234);
	out(DMA_LOW + 3, 0);
	/* The high half holds for one request only. */
	memset(mem + 0x1000, 0, 4);
	bus_port_write(DMA_HIGH, 4, htobe32(1));
	CHECK_EQ(dma(0x20 << 16 | SELECT | READ, 4, 0x1000), 0);
	CHECK(!memcmp(mem + 0x1000, text, 4));
}

/* Random requests: whatever they do, the items stay readable. */
static void test_random(void)
{
	srand(1);
	for (int i = 0; i < 20000; i++) {
		uint32_t control = (uint32_t)(rand() & 0x3f) << 16 | (rand() & 0x1f);
		uint32_t len = rand() % 3 ? (uint32_t)rand() % 0x8000 : (uint32_t)rand() << 1;
		uint64_t gpa = rand() % 3 ? 0x200 + (uint64_t)rand() % MEM_SIZE : (uint64_t)rand() << (rand() % 34);
		uint32_t answer = dma(control, len, gpa < 0x200 ? 0x200 : gpa);

		if (answer > ERROR)
			CHECK_EQ(answer, 0);
	}
	select_item(0x20);
	for (unsigned i = 0; i < 16; i++)
		CHECK_EQ(in(DATA), text[i]);
}

int main(void)
{
	CHECK_EQ(fwcfg_init(), 0);
	test_data_port();
	test_files();
	test_dma();
	test_bad_dma();
	test_random();
	select_item(0x20);
	reset_devices();
	CHECK_EQ(in(DATA), 'Q');
	for (int i = 3; i < 32; i++)
		CHECK_EQ(fwcfg_add_file("etc/another", text, 1), 0);
	CHECK_EQ(fwcfg_add_file("etc/too-many", text, 1), -ENOSPC);
	return report();
}
